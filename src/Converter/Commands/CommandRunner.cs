using System.Text;
using TinyInference.Words;

namespace TinyInference.Converter.Commands;

/// <summary>Runs a blob over sentences, by the runtime that devices run.</summary>
internal sealed class CommandRunner
{
    private readonly CommandModel _model;

    /// <param name="name">For messages.</param>
    /// <exception cref="InputException">The blob is no network for commands.</exception>
    public CommandRunner(Model model, string name)
    {
        try
        {
            _model = new CommandModel(new Session(model));
        }
        catch (BlobException e)
        {
            throw new InputException($"{name}: is no network for commands, or its words and intents do not fit it ({e.Error}); 'commands train' makes one", e);
        }

        Intents = [.. Enumerable.Range(0, _model.IntentCount).Select(_model.IntentName)];
        Slots = [.. Enumerable.Range(0, _model.SlotCount).Select(_model.SlotName)];
    }

    public IReadOnlyList<string> Intents { get; }

    public IReadOnlyList<string> Slots { get; }

    /// <summary>Words of the last sentence that the network does not know.</summary>
    public int UnknownCount => _model.UnknownCount;

    public CommandAnswer Answer(string sentence) => Answer(Encoding.UTF8.GetBytes(sentence));

    /// <param name="sentence">UTF-8; whatever its bytes are, there is an answer.</param>
    public CommandAnswer Answer(byte[] sentence)
    {
        _model.Read(sentence, 0, sentence.Length);
        string?[] slots = [.. Enumerable.Range(0, _model.WordCount).Select(i => _model.SlotOf(i) < 0 ? null : Slots[_model.SlotOf(i)])];
        return new CommandAnswer(Intents[_model.Intent], slots, _model.Confidence, _model.IsUnderstood);
    }

    /// <summary>The slots of the last sentence with their words as they were written.</summary>
    /// <param name="sentence">What was answered last.</param>
    public IEnumerable<(string Slot, string Words)> Spans(byte[] sentence, CommandAnswer answer) =>
        SlotSpan.Of(answer.Slots).Select(s => (s.Slot, Encoding.UTF8.GetString(sentence, _model.BeginOf(s.First), _model.EndOf(s.First + s.Count - 1) - _model.BeginOf(s.First))));
}
