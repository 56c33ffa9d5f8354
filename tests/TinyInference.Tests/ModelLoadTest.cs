namespace TinyInference.Tests;

[TestClass]
public class ModelLoadTest
{
    [TestMethod]
    public void The_checksum_is_the_one_of_zip()
    {
        var crc = new Crc32();
        crc.Add("x123456789"u8.ToArray(), 1, 9);
        Assert.AreEqual(0xCBF43926u, crc.Value);
    }

    [TestMethod]
    [DataRow(true, 0, int.MaxValue)]
    [DataRow(false, 0, int.MaxValue)]
    [DataRow(false, 0, 1)]
    [DataRow(true, 0, 7)]
    [DataRow(true, 13, 7)]
    public void A_stream_gives_the_bytes_that_an_array_gives(bool seekable, int before, int atATime)
    {
        foreach ((string name, byte[] blob) in SampleBlobs.All())
        {
            sbyte[] expected = Output(Model.Load(blob));
            byte[] file = [.. new byte[before], .. blob, 1, 2, 3];
            var stream = new DribblingStream(file, seekable, atATime) { Start = before };
            CollectionAssert.AreEqual(expected, Output(Model.Load(stream, false)), name);
            if (seekable)
            {
                stream = new DribblingStream(file, seekable, atATime) { Start = before };
                CollectionAssert.AreEqual(expected, Output(Model.Load(stream, true)), $"{name}, weights in the stream");
            }
        }
    }

    [TestMethod]
    public void A_stream_that_became_shorter_stops_a_run()
    {
        byte[] blob = SampleBlobs.Network();
        var stream = new MemoryStream();
        stream.Write(blob);
        stream.Position = 0;
        Model model = Model.Load(stream, true);
        stream.SetLength(blob.Length - 1);
        Assert.AreEqual(BlobError.Truncated, Assert.ThrowsExactly<BlobException>(new Session(model).Run).Error);
    }

    [TestMethod]
    public void Metadata_is_found_by_tag()
    {
        byte[] blob = SampleBlobs.Network();
        foreach (Model model in new[] { Model.Load(blob), Model.Load(new MemoryStream(blob), false) })
        {
            Assert.AreEqual("sample", model.GetMetadata(Metadata.Name));
            Assert.AreEqual("no\nyes\nä", model.GetMetadata(Metadata.Labels));
            Assert.IsNull(model.GetMetadata(Metadata.Task));
        }
    }

    [TestMethod]
    public void Resources_are_found_by_tag()
    {
        byte[] blob = SampleBlobs.StateAndResources();
        byte[] file = [9, .. blob, 9];
        foreach (Model model in new[] { Model.Load(blob), Model.Load(new MemoryStream(blob), false), Model.Load(new MemoryStream(file) { Position = 1 }, true) })
        {
            CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4, 5 }, Bytes(model.GetResource(77)));
            CollectionAssert.AreEqual(new byte[] { 6, 7 }, Bytes(model.GetResource(Resource.Cells)));
            Assert.IsNull(model.GetResource(Resource.Words));
        }

        static byte[] Bytes(Resource resource) => resource.Bytes[resource.Start..(resource.Start + resource.Length)];
    }

    [TestMethod]
    [DataRow(4, 2, "a tag twice")]
    [DataRow(8, 40, "out of order")]
    [DataRow(12, 9, "overlapping")]
    [DataRow(24, 3, "beyond the end")]
    [DataRow(24, 1, "short of the end")]
    [DataRow(0, 0, "none")]
    [DataRow(0, 33, "too many")]
    public void A_bad_table_of_resources_is_refused(int at, int value, string what)
    {
        byte[] blob = SampleBlobs.StateAndResources();
        int table = BitConverter.ToInt32(blob, 60);
        blob[table + at] = (byte)value;
        BlobBuilder.WithChecksum(blob);
        foreach (Func<Model> load in new[] { () => Model.Load(blob), () => Model.Load(new MemoryStream(blob), false), () => Model.Load(new MemoryStream(blob), true) })
        {
            BlobException exception = Assert.ThrowsExactly<BlobException>(load, what);
            Assert.IsTrue(exception.Error is BlobError.Resource or BlobError.Truncated, what);
        }
    }

    [TestMethod]
    public void Operators_may_share_a_block_of_weights()
    {
        Model model = Model.Load(SampleBlobs.SharedWeights());
        for (int i = 0; i < 3; i++)
        {
            Assert.IsFalse(model.Operators[i].SharesWeights);
            Assert.IsTrue(model.Operators[i + 3].SharesWeights);
        }

        Assert.AreSame(model.Operators[2].PackedWeights, model.Operators[5].PackedWeights);
        Assert.AreSame(model.Operators[0].Biases, model.Operators[3].Biases);
        Assert.AreSame(model.Operators[0].Multipliers, model.Operators[3].Multipliers);
        Assert.AreSame(model.Operators[0].Shifts, model.Operators[3].Shifts);
        Assert.AreNotSame(model.Operators[1].Biases, model.Operators[4].Biases);
    }

    [TestMethod]
    [DataRow(2, 0, "a part of a block")]
    [DataRow(4, 0, "the end of a block")]
    [DataRow(1, -4, "another length")]
    public void Overlapping_blocks_of_weights_are_refused(int step, int more, string what)
    {
        // Two lookups whose blocks are one; then the second one's offset or length changes.
        var builder = new BlobBuilder();
        int x = builder.AddTensor(TensorType.Int8, 4);
        var table = new sbyte[256];
        builder.AddOperator(new OperatorRecord(OperatorKind.Lookup, [x], [x]) { Weights = table });
        builder.AddOperator(new OperatorRecord(OperatorKind.Lookup, [x], [x]) { Weights = table });
        byte[] blob = builder.Build([x], [x]);
        Assert.IsTrue(Model.Load(blob).Operators[1].SharesWeights, what);
        int record = 64 + BitConverter.ToInt32(blob, 36) + BitConverter.ToInt32(blob, 40) + 24;
        BitConverter.TryWriteBytes(blob.AsSpan(record + 12), 4 * (step - 1));
        BitConverter.TryWriteBytes(blob.AsSpan(record + 16), 256 + more);
        BlobBuilder.WithChecksum(blob);
        foreach (Func<Model> load in new[] { () => Model.Load(blob), () => Model.Load(new MemoryStream(blob), false), () => Model.Load(new MemoryStream(blob), true) })
        {
            BlobException exception = Assert.ThrowsExactly<BlobException>(load, what);
            Assert.AreEqual((BlobError.Weights, 1), (exception.Error, exception.Index), what);
        }
    }

    [TestMethod]
    public void A_block_of_another_kind_or_encoding_is_not_shared()
    {
        byte[] blob = SampleBlobs.SharedWeights();
        Model model = Model.Load(blob);
        Assert.AreEqual(WeightEncoding.SparseBlocks, model.Operators[4].Encoding);
        int at = 64 + BitConverter.ToInt32(blob, 36) + BitConverter.ToInt32(blob, 40);
        for (int i = 0; i < 4; i++)
        {
            at += RecordBytes(blob, at);
        }

        blob[at + 1] = WeightEncoding.Sparse;
        Assert.AreEqual(BlobError.Weights, Assert.ThrowsExactly<BlobException>(() => Model.Load(BlobBuilder.WithChecksum(blob))).Error);
    }

    /// <summary>Of the operator at <paramref name="at"/>, as docs/SPEC.md has it.</summary>
    private static int RecordBytes(byte[] blob, int at)
    {
        int tensors = ((2 * (blob[at + 2] + blob[at + 3])) + 3) & ~3;
        int quantization = BitConverter.ToUInt16(blob, at + 6);
        return 20 + tensors + (4 * (BitConverter.ToUInt16(blob, at + 4) + BitConverter.ToInt32(blob, at + 8) + quantization)) + ((quantization + 3) & ~3);
    }

    [TestMethod]
    public void A_state_that_shares_bytes_is_refused()
    {
        var builder = new BlobBuilder();
        int state = builder.AddState(TensorType.Int16, 0, 4);
        int x = builder.AddTensorAt(builder.OffsetOf(state) + 7, TensorType.Int8, 1);
        builder.AddOperator(new OperatorRecord(OperatorKind.Lookup, [x], [x]) { Weights = new sbyte[256] });
        BlobException exception = Assert.ThrowsExactly<BlobException>(() => Model.Load(builder.Build([x], [x])));
        Assert.AreEqual(BlobError.Tensor, exception.Error);
        Assert.AreEqual(state, exception.Index);
    }

    [TestMethod]
    public void An_unknown_operator_is_named()
    {
        var builder = new BlobBuilder();
        int x = builder.AddTensor(TensorType.Int8, 4);
        builder.AddOperator(new OperatorRecord(OperatorKind.Lookup, [x], [x]) { Weights = new sbyte[256] });
        builder.AddOperator(new OperatorRecord((OperatorKind)99, [x], [x]));
        BlobException exception = Assert.ThrowsExactly<BlobException>(() => Model.Load(builder.Build([x], [x])));
        Assert.AreEqual(BlobError.UnknownOperator, exception.Error);
        Assert.AreEqual(1, exception.Index);
    }

    private static sbyte[] Output(Model model)
    {
        var session = new Session(model);
        for (int i = 0; i < model.Inputs.Length; i++)
        {
            session.SetInput(i, new Dice(i).Int8s(model.Inputs[i].ByteCount));
        }

        session.Run();
        var output = new sbyte[model.Outputs[0].ByteCount];
        session.GetOutput(0, output);
        return output;
    }

    /// <summary>Gives at most so many bytes at a time, as a serial line does.</summary>
    private sealed class DribblingStream(byte[] bytes, bool seekable, int atATime) : MemoryStream(bytes, writable: false)
    {
        public int Start
        {
            init => Position = value;
        }

        public override bool CanSeek => seekable;

        public override long Length => seekable ? base.Length : throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, atATime));
    }
}
