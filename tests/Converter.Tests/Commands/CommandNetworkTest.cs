using System.Text;
using TinyInference;
using TinyInference.Converter;
using TinyInference.Converter.Commands;
using TinyInference.Converter.Commands.Grammars;
using TinyInference.Converter.Commands.Training;
using TinyInference.Converter.Conversion;
using TinyInference.Converter.Emission;
using TinyInference.Converter.Language;
using TinyInference.Converter.Lowering;
using TinyInference.Converter.Training;
using TinyInference.Words;

namespace Converter.Tests.Commands;

[TestClass]
public class CommandNetworkTest
{
    private const string Small = """
        $room = kitchen | hall | office | bedroom | bathroom
        $time = nine | ten | noon | after lunch
        intent clean
            (please | could you)? (clean | vacuum | sweep) the [room:$room] (at [time:$time])?
        intent stop
            (please)? (stop | halt | quit) (now | it | cleaning)?
        intent find
            where (are you | is the robot) (now | hiding)? | (beep | make a sound)
        intent other
            (play | sing | read) (me)? (a | the) (song | book | story) | (what is the | how is the) (weather | time | news) (in * | today)? | * * (and * | *)?
        """;

    private static readonly Lazy<(CommandTraining Training, ConversionResult Result)> s_trained = new(() => Train(7));

    [TestMethod]
    public void A_small_grammar_is_learned_and_answered_by_the_runtime()
    {
        (CommandTraining training, ConversionResult result) = s_trained.Value;
        CommandExample[] examples = [.. Source().Generate(991, 40)];
        CommandAnswer[] inFloat = training.Answer(examples, CommandThresholds.None, CancellationToken.None);
        var runner = new CommandRunner(Model.Load(result.Blob), "small");
        var scores = new CommandScores();
        int alike = 0;
        for (int i = 0; i < examples.Length; i++)
        {
            CommandAnswer answer = runner.Answer(examples[i].Text);
            scores.Add(examples[i], answer);
            alike += answer.Intent == inFloat[i].Intent && answer.Slots.SequenceEqual(inFloat[i].Slots) ? 1 : 0;
            Assert.IsTrue(Math.Abs(answer.Confidence - inFloat[i].Confidence) <= 15 || answer.Intent != inFloat[i].Intent, $"{examples[i].Text}: {answer.Confidence} % and {inFloat[i].Confidence} %");
        }

        Assert.IsTrue(scores.IntentShare > 0.97, $"intents {scores.IntentShare}");
        Assert.IsTrue(scores.SlotScore > 0.97, $"slots {scores.SlotScore}");
        Assert.IsTrue(alike >= 0.98 * examples.Length, $"{alike} of {examples.Length} as in float");
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_bytes() => CollectionAssert.AreEqual(Train(7, epochs: 1).Result.Blob, Train(7, epochs: 1).Result.Blob);

    [TestMethod]
    public void What_is_said_word_by_word_is_understood_likewise()
    {
        Model model = Model.Load(s_trained.Value.Result.Blob);
        var whole = new CommandModel(new Session(model));
        var single = new CommandModel(new Session(model));
        byte[] text = "Please clean the KITCHEN, at noon"u8.ToArray();

        whole.Read(text, 0, text.Length);
        foreach (string word in new[] { "please", "clean", "the", "kitchen", "at", "noon" })
        {
            single.Add(Encoding.UTF8.GetBytes(word), word.Length);
        }

        single.Finish();
        Assert.IsTrue(whole.IsUnderstood);
        Assert.AreEqual("clean", whole.IntentName(whole.Intent));
        Assert.AreEqual("room", whole.SlotName(whole.SlotOf(3)));
        Assert.AreEqual("KITCHEN", Encoding.UTF8.GetString(text, whole.BeginOf(3), whole.EndOf(3) - whole.BeginOf(3)));
        Assert.AreEqual(-1, whole.SlotOf(0));
        Assert.AreEqual(whole.Intent, single.Intent);
        Assert.AreEqual(whole.Confidence, single.Confidence);
        CollectionAssert.AreEqual(Enumerable.Range(0, 6).Select(whole.SlotOf).ToArray(), Enumerable.Range(0, 6).Select(single.SlotOf).ToArray());
    }

    [TestMethod]
    public void What_is_no_sentence_is_not_understood()
    {
        var runner = new CommandRunner(Model.Load(s_trained.Value.Result.Blob), "small");
        byte[][] sentences =
        [
            [], "   ...  "u8.ToArray(), [0xFF, 0xFE, 0xC3, 0x28, 0xED, 0xA0, 0x80], Encoding.UTF8.GetBytes(new string('x', 10_000)),
            Encoding.UTF8.GetBytes(string.Join(' ', Enumerable.Repeat("clean", 1000))), "zorb gralph nirk"u8.ToArray(),
        ];
        foreach (byte[] sentence in sentences)
        {
            Assert.IsFalse(runner.Answer(sentence).IsUnderstood, Encoding.UTF8.GetString(sentence[..Math.Min(20, sentence.Length)]));
        }

        Assert.AreEqual("stop", runner.Answer("halt cleaning").Intent, "nothing of the sentences before is left");
    }

    [TestMethod]
    public void Damaged_descriptions_are_refused()
    {
        (CommandTraining training, ConversionResult result) = s_trained.Value;
        byte[] description = CommandDescriptionWriter.Write(training.Schema, 1, CommandThresholds.None);
        foreach (byte[] bad in new[]
        {
            [], description[..7], description[..^1], [.. description, (byte)0], Changed(description, 0, 0), Changed(description, 1, 250), Changed(description, 2, 9), Changed(description, 3, 101),
            Changed(description, 4, 101), Changed(description, 5, 200), Changed(description, 6, 0), Changed(description, 6, 2), Changed(description, 7, 1), Changed(description, 8, 0), Changed(description, 8, 255), Changed(description, 0, description[0] - 1),
        })
        {
            BlobProgram program = result.Program;
            program.Resources[program.Resources.FindIndex(r => r.Tag == Resource.Commands)] = new BlobResource(Resource.Commands, bad);
            byte[] damaged = BlobWriter.ToBytes(program, result.Plan);
            BlobException e = Assert.ThrowsExactly<BlobException>(() => new CommandModel(new Session(Model.Load(damaged))));
            Assert.IsTrue(e.Error is BlobError.Resource or BlobError.Shape, e.Error.ToString());
        }
    }

    [TestMethod]
    public void Gradients_are_those_of_the_loss()
    {
        var options = new CommandOptions { Depth = 3, Units = 4, Batch = 4, WordDropout = 0, StateDropout = 0 };
        var placement = WordPlacement.Random(9, 1);
        var network = new CommandNetwork(2 * placement.Side, 3, 4, options);
        CodedExample[] examples = [new(1, [2, 3, 4], [0, 1, 2]), new(3, [5, 6, 7, 8, 2], [2, 2, 0, 0, 1])];
        var part = new CommandPart(network, WordVectors.OfTable(placement), 2);
        double Loss()
        {
            part.Load(examples, 0, new Random(1));
            (double intents, double slots) = part.Train(1, 1, 0, 0, new Random(1));
            return intents + slots;
        }

        Loss();
        float[][] gradients = [.. network.Parameters.Select(p => (float[])part.Sums.Of(p).Clone())];
        for (int k = 0; k < gradients.Length; k++)
        {
            Parameter parameter = network.Parameters[k];
            for (int i = 0; i < parameter.Data.Length; i += 1 + (parameter.Data.Length / 7))
            {
                const float Step = 2e-3f;
                float before = parameter.Data[i];
                parameter.Data[i] = before + Step;
                double above = Loss();
                parameter.Data[i] = before - Step;
                double below = Loss();
                parameter.Data[i] = before;
                Assert.AreEqual((above - below) / (2 * Step), gradients[k][i], 5e-3, $"{parameter.Value.Name} {i}");
            }
        }
    }

    [TestMethod]
    public void What_grammars_make_for_two_intents_is_left_out()
    {
        const string Two = "intent a\n    stop | go | wait\nintent b\n    stop | come | wait here\n";
        var source = new ExampleSource([], [GrammarReader.Read("two", _ => Encoding.UTF8.GetBytes(Two))], 10);

        CollectionAssert.AreEquivalent(new[] { "go", "wait", "come", "wait here" }, source.Epoch(3).Select(e => e.Text).ToArray());
    }

    [TestMethod]
    public void The_average_follows_slowly_and_takes_the_place_of_the_parameters()
    {
        var network = new CommandNetwork(4, 2, 2, new CommandOptions { Depth = 2, Units = 2 });
        float[] data = network.Parameters[0].Data;
        Array.Fill(data, 1f);
        var average = new MovingAverage(network.Parameters, 0.5f);
        Array.Fill(data, 2f);
        average.Add();
        average.Add();
        average.Keep();

        // The share that stays is (1 + n) / (10 + n) at step n until that is more than 0.5: 2/11, then 3/12.
        Assert.AreEqual(2 - (2f / 11 * 3 / 12), data[0], 1e-6f);
    }

    private static byte[] Changed(byte[] bytes, int at, int value)
    {
        byte[] changed = (byte[])bytes.Clone();
        changed[at] = (byte)value;
        return changed;
    }

    private static ExampleSource Source() => new([], [GrammarReader.Read("small", _ => Encoding.UTF8.GetBytes(Small))], 60);

    private static (CommandTraining Training, ConversionResult Result) Train(int seed, int epochs = 12)
    {
        var options = new CommandOptions { Seed = seed, Units = 24, Depth = 12, WordEpochs = Math.Min(epochs, 4), Epochs = epochs, Batch = 32, Schedule = new(ScheduleKind.Cosine, 2e-2f, 0.05f) };
        var training = new CommandTraining(Source(), options);
        training.Run(null, CancellationToken.None);
        CommandExample[] validation = [.. Source().Generate(seed + 500, 20)];
        CommandThresholds thresholds = training.ChooseThresholds(validation, CancellationToken.None);
        CodedExample[] typical = [.. validation.Select(training.Schema.Code)];
        return (training, CommandBlob.Write(new CommandModelSource(training.Schema, training.Placement, training.Network), thresholds, typical, KernelPreference.Balanced, CancellationToken.None));
    }
}
