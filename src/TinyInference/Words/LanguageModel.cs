using System;

namespace TinyInference.Words;

/// <summary>
/// Predicts words with a network that reads two vectors for each word, its row's and its column's, and carries its state over: after the column it predicts
/// the row of the next word, after that row its column, so that P(word) = P(row) · P(column | row) (X. Li et al., "LightRNN: Memory and Computation-Efficient
/// Recurrent Neural Networks", NIPS 2016). Logarithms of probabilities are in Q16 nats. Allocates in the constructor only.
/// </summary>
public sealed class LanguageModel
{
    /// <summary>Fraction bits of logarithms: 65,536 is one nat.</summary>
    public const int FractionBits = 16;

    private readonly Session _session;
    private readonly WordTable _table;
    private readonly Tokenizer _tokenizer = new Tokenizer();
    private readonly int _index;
    private readonly LogitsOutput _rows;
    private readonly LogitsOutput _columns;

    /// <summary>Operators before the first logits: what every vector goes through.</summary>
    private readonly int _body;

    private readonly bool[] _isDone;
    private readonly sbyte[] _saved;

    /// <param name="session">Runs a blob of the task "language-model", with its words and cells. Nobody else may use it meanwhile.</param>
    /// <exception cref="BlobException">The blob is no such model, or its parts do not fit each other.</exception>
    public LanguageModel(Session session)
    {
        _session = session;
        Model model = session.Model;
        Words = new WordIndex(Find(model, Resource.Words));
        _table = new WordTable(Find(model, Resource.Cells), true);
        Unknown = Words.Find(WordIndex.Unknown);
        Boundary = Words.Find(WordIndex.Boundary);
        int side = _table.Side;
        Require(Words.Count == _table.Count && Unknown >= 0 && Boundary >= 0);
        Require(model.Inputs.Length == 1 && model.Inputs[0].Type == TensorType.Int32 && model.Inputs[0].ElementCount == 1 && model.Outputs.Length == 2);
        _index = model.Inputs[0].ArenaOffset;
        _rows = new LogitsOutput(model, 0, side);
        _columns = new LogitsOutput(model, 1, side);
        _body = _rows.Operator < _columns.Operator ? _rows.Operator : _columns.Operator;
        Require(_rows.Operator != _columns.Operator && _rows.Operator + _columns.Operator == (2 * _body) + 1);
        _isDone = new bool[side];
        _saved = new sbyte[StateBytes(model)];
        Reset();
    }

    /// <summary>The vocabulary.</summary>
    public WordIndex Words { get; }

    /// <summary>The number of the word for words that are not in the vocabulary.</summary>
    public int Unknown { get; }

    /// <summary>The number of the word for the start and the end of a sentence.</summary>
    public int Boundary { get; }

    /// <summary>Words of the last text that was scored.</summary>
    public int ScoredWords { get; private set; }

    /// <summary>How many of them were not in the vocabulary.</summary>
    public int ScoredUnknown { get; private set; }

    /// <summary>Begins a sentence.</summary>
    public void Reset()
    {
        _session.ResetState();
        Step(Boundary);
    }

    /// <summary>Goes on by a word.</summary>
    /// <exception cref="ArgumentException">There is no such word.</exception>
    public void Step(int word)
    {
        if (word < 0 || word >= _table.Count)
        {
            throw new ArgumentException(null, nameof(word));
        }

        ReadVector(_table.RowOf(word));
        FinishWord(word);
    }

    /// <summary>The logarithm of the probability that a word comes next, and goes on by that word.</summary>
    /// <exception cref="ArgumentException">There is no such word.</exception>
    public int StepLogProbability(int word)
    {
        if (word < 0 || word >= _table.Count)
        {
            throw new ArgumentException(null, nameof(word));
        }

        int row = _table.RowOf(word);
        int logarithm = _rows.Log(row);
        ReadVector(row);
        _columns.Run(_session);
        logarithm += _columns.Log(_table.ColumnOf(word));
        FinishWord(word);
        return logarithm;
    }

    /// <summary>
    /// The most likely next words, the likeliest first; without the word for unknown ones. Exact: rows are tried until none that is left could bring a likelier word.
    /// The state is as before afterwards.
    /// </summary>
    /// <param name="words">Set to their numbers; its length says how many are wanted.</param>
    /// <param name="logProbabilities">Set to the logarithms of their probabilities; as long.</param>
    /// <returns>How many there are: fewer than wanted only where the vocabulary has no more.</returns>
    public int TopK(int[] words, int[] logProbabilities)
    {
        int found = 0;
        CopyStates(true);
        Array.Clear(_isDone, 0, _isDone.Length);
        for (int tried = 0; tried < _table.Side && words.Length > 0; tried++)
        {
            int row = LikeliestRow();
            int rowLog = _rows.Log(row);
            if (found == words.Length && rowLog <= logProbabilities[found - 1])
            {
                break;
            }

            _isDone[row] = true;
            CopyStates(false);
            ReadVector(row);
            _columns.Run(_session);
            for (int column = 0; column < _table.Side; column++)
            {
                int word = _table.WordAt(row, column);
                if (word >= 0 && word != Unknown)
                {
                    found = Insert(words, logProbabilities, found, word, rowLog + _columns.Log(column));
                }
            }
        }

        CopyStates(false);
        return found;
    }

    /// <summary>
    /// The logarithm of the probability of a text as a sentence, its end among it: to choose between what a recogniser may have heard. The state is that at the
    /// start of a sentence afterwards.
    /// </summary>
    /// <param name="text">UTF-8; whatever its bytes are, there is a result.</param>
    /// <param name="start">The first byte.</param>
    /// <param name="length">How many there are.</param>
    public long Score(byte[] text, int start, int length)
    {
        _tokenizer.Start(text, start, length);
        ScoredWords = 0;
        ScoredUnknown = 0;
        long sum = 0;
        Reset();
        while (_tokenizer.Next())
        {
            int word = Find(_tokenizer);
            ScoredWords++;
            ScoredUnknown += word == Unknown ? 1 : 0;
            sum += StepLogProbability(word);
        }

        sum += StepLogProbability(Boundary);
        Reset();
        return sum;
    }

    /// <summary>The number of a tokenizer's present word, <see cref="Unknown"/> where the vocabulary does not have it.</summary>
    public int Find(Tokenizer tokenizer)
    {
        int word = tokenizer.IsTooLong ? -1 : Words.Find(tokenizer.Word, tokenizer.Length);
        return word < 0 ? Unknown : word;
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
            throw new BlobException(BlobError.Resource, -1);
        }
    }

    private static int StateBytes(Model model)
    {
        int bytes = 0;
        for (int i = 0; i < model.Tensors.Length; i++)
        {
            bytes += model.Tensors[i].IsState ? model.Tensors[i].ByteCount : 0;
        }

        return bytes;
    }

    /// <summary>A vector through the network, up to the state.</summary>
    private void ReadVector(int vector)
    {
        sbyte[] arena = _session.Arena;
        arena[_index] = (sbyte)vector;
        arena[_index + 1] = (sbyte)(vector >> 8);
        arena[_index + 2] = (sbyte)(vector >> 16);
        arena[_index + 3] = 0;
        _session.RunOperators(0, _body);
    }

    /// <summary>The second half of a word whose row has been read, and what comes next.</summary>
    private void FinishWord(int word)
    {
        ReadVector(_table.Side + _table.ColumnOf(word));
        _rows.Run(_session);
    }

    private int LikeliestRow()
    {
        int[] logits = _rows.Logits;
        int best = -1;
        for (int i = 0; i < logits.Length; i++)
        {
            if (!_isDone[i] && (best < 0 || logits[i] > logits[best]))
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>Keeps the likeliest words in order; returns how many there are.</summary>
    private static int Insert(int[] words, int[] logs, int count, int word, int log)
    {
        int to = count;
        if (count == words.Length)
        {
            to--;
            if (logs[to] >= log)
            {
                return count;
            }
        }
        else
        {
            count++;
        }

        while (to > 0 && logs[to - 1] < log)
        {
            words[to] = words[to - 1];
            logs[to] = logs[to - 1];
            to--;
        }

        words[to] = word;
        logs[to] = log;
        return count;
    }

    /// <summary>Copies the network's states out of the arena, or back.</summary>
    private void CopyStates(bool isOut)
    {
        Tensor[] tensors = _session.Model.Tensors;
        sbyte[] arena = _session.Arena;
        int at = 0;
        for (int i = 0; i < tensors.Length; i++)
        {
            Tensor tensor = tensors[i];
            if (!tensor.IsState)
            {
                continue;
            }

            int count = tensor.ByteCount;
            if (isOut)
            {
                Array.Copy(arena, tensor.ArenaOffset, _saved, at, count);
            }
            else
            {
                Array.Copy(_saved, at, arena, tensor.ArenaOffset, count);
            }

            at += count;
        }
    }
}
