using System;

namespace TinyInference.Words;

/// <summary>
/// The words of a vocabulary, sorted by their bytes and front-coded in buckets (resource 1; docs/SPEC.md): a word's number is its place in that order. The
/// resource is checked as a whole once, and read in place.
/// </summary>
public sealed class WordIndex
{
    /// <summary>The word that stands for all that are not in the index.</summary>
    public const string Unknown = "<unk>";

    /// <summary>The word that stands for the start and the end of a sentence.</summary>
    public const string Boundary = "<s>";

    /// <summary>Words of the largest vocabulary.</summary>
    public const int MostWords = 65534;

    private const int HeaderBytes = 8;
    private const int MostBucket = 256;

    private readonly byte[] _bytes;
    private readonly int _start;
    private readonly int _end;
    private readonly int _bucket;
    private readonly byte[] _word = new byte[Tokenizer.MostBytes];
    private int _length;

    /// <param name="resource">Its bytes must not change.</param>
    /// <exception cref="BlobException">The bytes are no index.</exception>
    public WordIndex(Resource resource)
    {
        _bytes = resource.Bytes;
        _start = resource.Start;
        _end = resource.Start + resource.Length;
        Require(resource.Length >= HeaderBytes);
        Count = BitConverter.ToInt32(_bytes, _start);
        _bucket = BitConverter.ToUInt16(_bytes, _start + 4);
        Require(Count > 0 && Count <= MostWords && _bucket > 0 && _bucket <= MostBucket && BitConverter.ToUInt16(_bytes, _start + 6) == 0);
        int buckets = Buckets;
        Require(buckets <= (resource.Length - HeaderBytes) / 4);
        CheckWords(_start + HeaderBytes + (4 * buckets));
    }

    /// <summary>Words.</summary>
    public int Count { get; }

    private int Buckets => (Count + _bucket - 1) / _bucket;

    /// <summary>The number of a word; -1 where it is not in the index.</summary>
    /// <param name="word">UTF-8, as <see cref="Tokenizer"/> gives it.</param>
    /// <param name="length">Bytes of the word.</param>
    public int Find(byte[] word, int length)
    {
        // The last bucket whose first word is not behind the word.
        int low = 0;
        int high = Buckets - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >> 1;
            ReadNext(OffsetOf(middle), true);
            if (Compare(word, length) > 0)
            {
                high = middle - 1;
            }
            else
            {
                low = middle;
            }
        }

        int number = low * _bucket;
        int end = number + _bucket < Count ? number + _bucket : Count;
        int at = OffsetOf(low);
        for (bool isFirst = true; number < end; number++, isFirst = false)
        {
            at = ReadNext(at, isFirst);
            int order = Compare(word, length);
            if (order >= 0)
            {
                return order == 0 ? number : -1;
            }
        }

        return -1;
    }

    /// <summary>As the other overload, of ASCII text.</summary>
    public int Find(string word)
    {
        var bytes = new byte[word.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)word[i];
        }

        return Find(bytes, bytes.Length);
    }

    /// <summary>Copies the UTF-8 of a word, at most <see cref="Tokenizer.MostBytes"/> bytes, and returns its length.</summary>
    /// <exception cref="ArgumentException">There is no word with this number.</exception>
    public int Read(int number, byte[] word)
    {
        if (number < 0 || number >= Count)
        {
            throw new ArgumentException(null, nameof(number));
        }

        int bucket = number / _bucket;
        int at = ReadNext(OffsetOf(bucket), true);
        for (int i = bucket * _bucket; i < number; i++)
        {
            at = ReadNext(at, false);
        }

        Array.Copy(_word, word, _length);
        return _length;
    }

    /// <summary>Offsets lead to where the buckets are, lengths stay inside, every word is behind the one before.</summary>
    private void CheckWords(int at)
    {
        var before = new byte[Tokenizer.MostBytes];
        int lengthBefore = 0;
        for (int i = 0; i < Count; i++)
        {
            bool isFirst = i % _bucket == 0;
            Require(!isFirst || BitConverter.ToInt32(_bytes, _start + HeaderBytes + (4 * (i / _bucket))) == at - _start);
            Require(at < _end);
            int prefix = _bytes[at] >> 4;
            int size = Size(at);
            Require(at + size <= _end);
            int suffix = Suffix(at);
            Require(suffix <= _end - at - size && prefix + suffix > 0 && prefix + suffix <= Tokenizer.MostBytes && (isFirst ? prefix == 0 : prefix <= _length));
            at = ReadNext(at, isFirst);
            Require(i == 0 || Compare(before, lengthBefore) > 0);
            Array.Copy(_word, before, _length);
            lengthBefore = _length;
        }

        Require(at == _end);
    }

    private int OffsetOf(int bucket) => _start + BitConverter.ToInt32(_bytes, _start + HeaderBytes + (4 * bucket));

    /// <summary>Bytes before the suffix of an entry.</summary>
    private int Size(int at) => (_bytes[at] & 15) == 15 ? 2 : 1;

    private int Suffix(int at)
    {
        int suffix = _bytes[at] & 15;
        return suffix == 15 ? _bytes[at + 1] : suffix;
    }

    /// <summary>Makes the entry at an offset the present word and returns where the next one is.</summary>
    private int ReadNext(int at, bool isFirst)
    {
        int prefix = isFirst ? 0 : _bytes[at] >> 4;
        int suffix = Suffix(at);
        at += Size(at);
        byte[] bytes = _bytes;
        byte[] word = _word;
        for (int i = prefix; i < prefix + suffix; i++)
        {
            word[i] = bytes[at++];
        }

        _length = prefix + suffix;
        return at;
    }

    /// <summary>Below 0 where the present word comes before another one, 0 where it is the same.</summary>
    private int Compare(byte[] other, int length)
    {
        byte[] word = _word;
        int common = _length < length ? _length : length;
        for (int i = 0; i < common; i++)
        {
            int difference = word[i] - other[i];
            if (difference != 0)
            {
                return difference;
            }
        }

        return _length - length;
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new BlobException(BlobError.Resource, Resource.Words);
        }
    }
}
