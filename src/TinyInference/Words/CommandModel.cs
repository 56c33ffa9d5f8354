using System;

namespace TinyInference.Words;

/// <summary>
/// Says what a sentence wants, and which of its words fill which slot, with a network that reads the row's and the column's vector of each word and carries
/// its state over. The slot of a word follows from the state some words later, the intent from the last state and the mean over all words; slots that the intent
/// never has are left out. A sentence may be
/// read as text, or word by word. Allocates in the constructor only.
/// </summary>
public sealed class CommandModel
{
    /// <summary>Words of the longest sentence: a longer one is not understood.</summary>
    public const int MostWords = 64;

    private readonly Session _session;
    private readonly WordIndex _words;
    private readonly WordTable _table;
    private readonly CommandDescription _description;
    private readonly Tokenizer _tokenizer = new Tokenizer();
    private readonly int _unknown;
    private readonly int _boundary;
    private readonly int _index;
    private readonly LogitsOutput _slots;
    private readonly LogitsOutput _meanIntents;
    private readonly LogitsOutput _lastIntents;

    /// <summary>Operators before the first output: what every vector goes through.</summary>
    private readonly int _body;

    private readonly byte[] _slotOf = new byte[MostWords];

    /// <summary>Of each word its logits of no slot and of all slots, until the intent says which of them may be.</summary>
    private readonly short[] _slotLogits;

    private readonly int[] _begins = new int[MostWords];
    private readonly int[] _ends = new int[MostWords];
    private readonly int[] _sums;
    private readonly int[] _total;
    private readonly sbyte[] _logits;

    /// <summary>Words that were read, boundaries among them.</summary>
    private int _read;

    /// <param name="session">Runs a blob of the task "commands", with its words, cells and description. Nobody else may use it meanwhile.</param>
    /// <exception cref="BlobException">The blob is no such model, or its parts do not fit each other.</exception>
    public CommandModel(Session session)
    {
        _session = session;
        Model model = session.Model;
        _words = new WordIndex(Find(model, Resource.Words));
        _table = new WordTable(Find(model, Resource.Cells), false);
        _description = new CommandDescription(Find(model, Resource.Commands));
        _unknown = _words.Find(WordIndex.Unknown);
        _boundary = _words.Find(WordIndex.Boundary);
        Require(_words.Count == _table.Count && _unknown >= 0 && _boundary >= 0);
        Require(model.Inputs.Length == 1 && model.Inputs[0].Type == TensorType.Int32 && model.Inputs[0].ElementCount == 1 && model.Outputs.Length == 3);
        _index = model.Inputs[0].ArenaOffset;
        int intents = _description.Intents;
        _slots = new LogitsOutput(model, 0, _description.Slots + 1);
        _meanIntents = new LogitsOutput(model, 1, intents);
        _lastIntents = new LogitsOutput(model, 2, intents);
        _body = Least(_slots.Operator, Least(_meanIntents.Operator, _lastIntents.Operator));
        Require(_slots.Operator + _meanIntents.Operator + _lastIntents.Operator == (3 * _body) + 3 && _body > 0);
        _slotLogits = new short[MostWords * (_description.Slots + 1)];
        _sums = new int[intents];
        _total = new int[intents];
        _logits = new sbyte[2 * intents];
        Reset();
    }

    /// <summary>Whether the sentence is a command that the network knows, and is sure enough of.</summary>
    public bool IsUnderstood { get; private set; }

    /// <summary>The number of the most probable intent, also where the sentence is not understood.</summary>
    public int Intent { get; private set; }

    /// <summary>Its probability in percent.</summary>
    public int Confidence { get; private set; }

    /// <summary>Words of the sentence, at most <see cref="MostWords"/>.</summary>
    public int WordCount { get; private set; }

    /// <summary>How many of them the network does not know.</summary>
    public int UnknownCount { get; private set; }

    /// <summary>Intents that there are.</summary>
    public int IntentCount => _description.Intents;

    /// <summary>Slots that there are.</summary>
    public int SlotCount => _description.Slots;

    /// <summary>The name of an intent, 0 to <see cref="IntentCount"/> - 1.</summary>
    public string IntentName(int intent) => _description.Name(intent);

    /// <summary>The name of a slot, 0 to <see cref="SlotCount"/> - 1.</summary>
    public string SlotName(int slot) => _description.Name(_description.Intents + slot);

    /// <summary>The slot that a word fills; -1 for none. Neighbours with the same slot belong together.</summary>
    /// <param name="word">0 to <see cref="WordCount"/> - 1.</param>
    public int SlotOf(int word) => _slotOf[word] - 1;

    /// <summary>Where a word begins in the text that was read, in bytes.</summary>
    public int BeginOf(int word) => _begins[word];

    /// <summary>Where a word ends in the text that was read: behind its last byte.</summary>
    public int EndOf(int word) => _ends[word];

    /// <summary>Reads a sentence; afterwards the properties say what was understood.</summary>
    /// <param name="text">UTF-8; whatever its bytes are, there is a result.</param>
    /// <param name="start">The first byte.</param>
    /// <param name="length">How many there are.</param>
    public void Read(byte[] text, int start, int length)
    {
        Reset();
        _tokenizer.Start(text, start, length);
        while (_tokenizer.Next())
        {
            Add(_tokenizer);
        }

        Finish();
    }

    /// <summary>Begins a sentence that comes word by word.</summary>
    public void Reset()
    {
        _session.ResetState();
        Array.Clear(_sums, 0, _sums.Length);
        _read = 0;
        WordCount = 0;
        UnknownCount = 0;
        IsUnderstood = false;
        Intent = 0;
        Confidence = 0;
    }

    /// <summary>Goes on by a tokenizer's present word.</summary>
    public void Add(Tokenizer tokenizer)
    {
        int word = tokenizer.IsTooLong ? -1 : _words.Find(tokenizer.Word, tokenizer.Length);
        if (WordCount < MostWords)
        {
            _begins[WordCount] = tokenizer.Begin;
            _ends[WordCount] = tokenizer.End;
        }

        Add(word);
    }

    /// <summary>Goes on by a word, as a recogniser of keywords gives it.</summary>
    /// <param name="word">UTF-8, lower case.</param>
    /// <param name="length">Bytes of the word.</param>
    public void Add(byte[] word, int length) => Add(_words.Find(word, length));

    /// <summary>Ends a sentence that came word by word; afterwards the properties say what was understood.</summary>
    public void Finish()
    {
        if (WordCount == 0 || WordCount > MostWords)
        {
            WordCount = WordCount == 0 ? 0 : MostWords;
            return;
        }

        int intents = _description.Intents;
        int words = WordCount + 1;
        Step(_boundary);
        _session.RunOperators(_lastIntents.Operator, 1);
        int bits = Least(_meanIntents.FractionBits, _lastIntents.FractionBits);
        for (int i = 0; i < intents; i++)
        {
            // The mean keeps 4 bits more than its logits, so that rounding it costs nothing.
            int mean = Divide(_sums[i] << 4, words) >> (4 + _meanIntents.FractionBits - bits);
            int logit = mean + (_lastIntents.Read(_session.Arena, i) >> (_lastIntents.FractionBits - bits));
            logit = logit > short.MaxValue ? short.MaxValue : logit < short.MinValue ? short.MinValue : logit;
            _logits[2 * i] = (sbyte)logit;
            _logits[(2 * i) + 1] = (sbyte)(logit >> 8);
        }

        for (int i = 1; i < _description.Delay; i++)
        {
            Step(_boundary);
        }

        int norm = LogSoftmax.Run(_logits, 0, intents, bits, _total);
        int best = 0;
        for (int i = 1; i < intents; i++)
        {
            if (_total[i] > _total[best])
            {
                best = i;
            }
        }

        ChooseSlots(best);
        int log = (_total[best] << (16 - bits)) - norm;
        Intent = best;
        Confidence = Percent.OfLogarithm(log < 0 ? log : 0);
        IsUnderstood = best != _description.Other && Confidence >= _description.LeastConfidence && 100 * UnknownCount <= _description.MostUnknown * WordCount;
    }

    private static Resource Find(Model model, int tag)
    {
        Resource resource = model.GetResource(tag);
        Require(resource is not null);
        return resource;
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new BlobException(BlobError.Resource, Resource.Commands);
        }
    }

    private static int Least(int a, int b) => a < b ? a : b;

    /// <summary>Rounds down, below 0 too, so that shifting further does the same.</summary>
    private static int Divide(int a, int b) => a >= 0 ? a / b : -((b - 1 - a) / b);

    /// <summary>Goes on by a word of the index; -1 for one that is not in it.</summary>
    private void Add(int word)
    {
        WordCount++;
        if (WordCount > MostWords)
        {
            return;
        }

        UnknownCount += word < 0 ? 1 : 0;
        Step(word < 0 ? _unknown : word);
    }

    /// <summary>One word through the network, and the slot of the word that is now decided.</summary>
    private void Step(int word)
    {
        ReadVector(_table.RowOf(word));
        ReadVector(_table.Side + _table.ColumnOf(word));
        sbyte[] arena = _session.Arena;
        if (_read <= WordCount)
        {
            _session.RunOperators(_meanIntents.Operator, 1);
            int[] sums = _sums;
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += _meanIntents.Read(arena, i);
            }
        }

        int decided = _read - _description.Delay;
        if (decided >= 0 && decided < WordCount)
        {
            _session.RunOperators(_slots.Operator, 1);
            int classes = _description.Slots + 1;
            for (int i = 0; i < classes; i++)
            {
                _slotLogits[(decided * classes) + i] = (short)_slots.Read(arena, i);
            }
        }

        _read++;
    }

    /// <summary>The most probable slot of each word, the first of equal ones, among those that the intent may have.</summary>
    private void ChooseSlots(int intent)
    {
        int classes = _description.Slots + 1;
        for (int word = 0; word < WordCount; word++)
        {
            int first = word * classes;
            int best = 0;
            for (int i = 1; i < classes; i++)
            {
                if (_slotLogits[first + i] > _slotLogits[first + best] && _description.Allows(intent, i - 1))
                {
                    best = i;
                }
            }

            _slotOf[word] = (byte)best;
        }
    }

    private void ReadVector(int vector)
    {
        sbyte[] arena = _session.Arena;
        arena[_index] = (sbyte)vector;
        arena[_index + 1] = (sbyte)(vector >> 8);
        arena[_index + 2] = (sbyte)(vector >> 16);
        arena[_index + 3] = 0;
        _session.RunOperators(0, _body);
    }
}
