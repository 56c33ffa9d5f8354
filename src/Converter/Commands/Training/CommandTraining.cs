using TinyInference.Converter.Language;
using TinyInference.Converter.Training;

namespace TinyInference.Converter.Commands.Training;

/// <summary>Where a training is.</summary>
/// <param name="Stage">What is done, for people.</param>
/// <param name="Part">Of the whole training that is done.</param>
/// <param name="Loss">Mean of a sentence in this epoch so far.</param>
internal readonly record struct CommandProgress(string Stage, double Part, double Loss);

/// <summary>
/// Trains a network for commands in two stages. First each word has a vector of its own; from these the words get their places in the table
/// (<see cref="TableFit"/>). Then the network goes on with rows and columns in place of them.
/// </summary>
internal sealed class CommandTraining
{
    private readonly ExampleSource _source;
    private readonly CommandOptions _options;
    private CommandTrainer _trainer;

    public CommandTraining(ExampleSource source, CommandOptions options)
    {
        _source = source;
        _options = options;
        Schema = CommandSchema.Create(source.Sample(options.Seed), options.LeastCount, options.MostWords);
        Network = Create(Schema.Vocabulary.Count, options);
        _trainer = new CommandTrainer(Network, WordVectors.OneEach(Schema.Vocabulary.Count), options);
        Placement = WordPlacement.Random(Schema.Vocabulary.Count, options.Seed);
    }

    public CommandSchema Schema { get; }

    public WordPlacement Placement { get; private set; }

    public CommandNetwork Network { get; private set; }

    /// <summary>Sentences that were trained with.</summary>
    public long Sentences { get; private set; }

    /// <exception cref="InputException">The loss is no longer a number.</exception>
    public void Run(Action<CommandProgress>? report, CancellationToken cancellation)
    {
        int[] counts = new int[Schema.Vocabulary.Count];
        CommandOptions alone = _options with { Epochs = _options.WordEpochs, Average = 0 };
        _trainer = new CommandTrainer(Network, WordVectors.OneEach(counts.Length), alone);
        Train(0, alone.Epochs, "words", counts, report, cancellation);

        int side = (int)Math.Ceiling(_options.Spread * WordPlacement.SideOf(counts.Length));
        TableFit fit = TableFit.Run(Network.Embedding.Table.Data, [.. counts.Select(c => c + 1f)], side, _options.Seed, cancellation);
        Placement = fit.Placement;
        CommandNetwork words = Network;
        Network = Create(2 * side, _options);
        for (int i = 1; i < words.Parameters.Count; i++)
        {
            words.Parameters[i].Data.CopyTo(Network.Parameters[i].Data, 0);
        }

        // A word's vector was read twice; its row and its column, which sum up to it, are read once each.
        float[] table = Network.Embedding.Table.Data;
        fit.Rows.CopyTo(table, 0);
        fit.Columns.CopyTo(table, fit.Rows.Length);
        System.Numerics.Tensors.TensorPrimitives.Multiply(table, 2, table);
        _trainer = new CommandTrainer(Network, WordVectors.OfTable(Placement), _options);
        Train(alone.Epochs, _options.Epochs, "table", null, report, cancellation);
        _trainer.KeepAverage();
    }

    /// <summary>What the float network answers to sentences.</summary>
    public CommandAnswer[] Answer(IReadOnlyList<CommandExample> examples, CommandThresholds thresholds, CancellationToken cancellation)
    {
        CodedExample[] coded = [.. examples.Select(Schema.Code)];
        (float[] Intents, int[] Slots)[] results = _trainer.Predict(coded, Schema.Allows, cancellation);
        return [.. results.Select((r, i) =>
        {
            int best = System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(r.Intents);
            int confidence = (int)Math.Round(100 * r.Intents[best]);
            bool isUnderstood = best != Schema.Other && thresholds.Accepts(confidence, coded[i].Words.Count(w => w == Vocabulary.Unknown), coded[i].Words.Length);
            return new CommandAnswer(Schema.Intents[best], Schema.SlotNames(r.Slots), confidence, isUnderstood);
        })];
    }

    /// <summary>Chooses by sentences that were not trained with.</summary>
    public CommandThresholds ChooseThresholds(IReadOnlyList<CommandExample> examples, CancellationToken cancellation)
    {
        CommandAnswer[] answers = Answer(examples, CommandThresholds.None, cancellation);
        return CommandThresholds.Choose([.. examples
            .Select((e, i) => (Example: e, Answer: answers[i]))
            .Where(p => p.Example.Intent != CommandExample.Other && p.Example.Intent == p.Answer.Intent)
            .Select(p => (p.Answer.Confidence, p.Example.Words.Count(w => Schema.Vocabulary.NumberOf(w) == Vocabulary.Unknown), p.Example.Words.Count))]);
    }

    private CommandNetwork Create(int vectors, CommandOptions options) => new(vectors, Schema.Slots.Count + 1, Schema.Intents.Count, options);

    private void Train(int before, int epochs, string stage, int[]? counts, Action<CommandProgress>? report, CancellationToken cancellation)
    {
        double all = _options.WordEpochs + _options.Epochs;
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            int seed = _options.Seed + ((before + epoch) * 1009);
            List<CodedExample> examples = [.. _source.Epoch(seed).Select(Schema.Code)];
            var variation = new ExampleVariation(examples, Schema.Other, _options, seed);
            examples = [.. examples.Select(variation.Vary)];
            foreach (int word in counts is null ? [] : examples.SelectMany(e => e.Words))
            {
                counts![word]++;
            }

            int done = before + epoch;
            _trainer.TrainEpoch(examples, epoch, (part, loss) => report?.Invoke(new CommandProgress(stage, (done + part) / all, loss)), cancellation);
            Sentences += examples.Count;
        }
    }
}
