namespace TinyInference;

/// <summary>
/// TREE_ENSEMBLE: goes down every tree to a leaf and sums what the leaves give. The biases hold, one after the other, what the sums begin
/// with, an entry for each tree, the thresholds, and the nodes: in preorder, so that the left child of a node is the next one, the right child so
/// many nodes further as the node says, and no walk can run in circles.
/// </summary>
internal static class TreeEnsemble
{
    /// <summary>An entry is the tree's first node and, above these bits, the output that its leaves add to.</summary>
    private const int RootBits = 20;

    private const int RootMask = (1 << RootBits) - 1;

    internal static void Validate(Operator op, BlobHeader header)
    {
        Check.Require(op.Inputs.Length == 1 && op.Outputs.Length == 1, BlobError.Shape, op);
        Tensor x = op.Inputs[0];
        Tensor y = op.Outputs[0];
        Check.Require(x.Type != TensorType.Int32 && y.Type == TensorType.Int32, BlobError.Shape, op);
        int[] p = op.Parameters;
        Check.Require(p.Length == 5, BlobError.Parameter, op);
        Check.Quantization(op, 0);
        Check.Range(op, 0, 1, int.MaxValue);
        Check.Range(op, 1, 0, int.MaxValue);
        Check.Range(op, 2, 0, 30);
        Check.Range(op, 3, 1, 31 - p[2]);
        Check.Range(op, 4, 0, int.MaxValue);

        // Int8 thresholds stand in the nodes, others in a table.
        Check.Require(p[1] > 0 == (x.Type != TensorType.Int8), BlobError.Parameter, op);
        int outputs = y.ElementCount;
        Check.Require(op.WeightsLength == (long)p[4] * outputs * 2, BlobError.Weights, op);
        Check.Require(header.Scratch32 >= outputs, BlobError.Parameter, op);
        long nodes = op.Biases.Length - (long)outputs - p[0] - p[1];
        Check.Require(nodes > 0 && nodes <= RootMask, BlobError.Weights, op);
        int next = 0;
        for (int tree = 0; tree < p[0]; tree++)
        {
            int root = next;
            Check.Require((op.Biases[outputs + tree] & RootMask) == root, BlobError.Weights, op);
            Check.Require((int)((uint)op.Biases[outputs + tree] >> RootBits) < (p[4] == 0 ? outputs : 1), BlobError.Weights, op);
            next = tree + 1 < p[0] ? op.Biases[outputs + tree + 1] & RootMask : (int)nodes;
            Check.Require(next > root && next <= nodes, BlobError.Weights, op);
            ValidateTree(op, outputs + p[0] + p[1], root, next);
        }
    }

    /// <summary>Every child is a later node of the same tree, every feature, threshold and row of leaf values there.</summary>
    private static void ValidateTree(Operator op, int nodes, int root, int end)
    {
        int[] p = op.Parameters;
        int features = op.Inputs[0].ElementCount;
        int distanceShift = p[2] + p[3];
        for (int i = root; i < end; i++)
        {
            int node = op.Biases[nodes + i];
            int distance = (int)((uint)node >> distanceShift);
            if (distance == 0)
            {
                Check.Require(p[4] == 0 || node < p[4], BlobError.Weights, op);
                continue;
            }

            Check.Require(distance < end - i && (node & ((1 << p[2]) - 1)) < features, BlobError.Weights, op);
            Check.Require(p[1] == 0 || ((node >> p[2]) & ((1 << p[3]) - 1)) < p[1], BlobError.Weights, op);
        }
    }

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32)
    {
        int[] p = op.Parameters;
        int[] b = op.Biases;
        int trees = p[0];
        int rows = p[4];
        int x = op.Inputs[0].ArenaOffset;
        TensorType type = op.Inputs[0].Type;
        int outputs = op.Outputs[0].ElementCount;
        int thresholds = outputs + trees;
        int nodes = thresholds + p[1];
        int valueShift = 32 - p[2] - p[3];
        for (int i = 0; i < outputs; i++)
        {
            scratch32[i] = b[i];
        }

        for (int i = outputs; i < thresholds; i++)
        {
            int entry = b[i];
            int root = nodes + (entry & RootMask);
            int leaf = type == TensorType.Int8 ? WalkInt8(b, root, arena, x, p[2], p[3])
                : type == TensorType.Int16 ? WalkInt16(b, root, thresholds, arena, x, p[2], p[3])
                : WalkFloat32(b, root, thresholds, arena, x, p[2], p[3]);
            if (rows == 0)
            {
                scratch32[(int)((uint)entry >> RootBits)] += leaf << valueShift >> valueShift;
            }
            else
            {
                AddRow(op, leaf, scratch32, outputs);
            }
        }

        int y = op.Outputs[0].ArenaOffset;
        for (int i = 0; i < outputs; i++, y += 4)
        {
            int sum = scratch32[i];
            arena[y] = (sbyte)sum;
            arena[y + 1] = (sbyte)(sum >> 8);
            arena[y + 2] = (sbyte)(sum >> 16);
            arena[y + 3] = (sbyte)(sum >> 24);
        }
    }

    /// <summary>The leaf that is reached from a root, threshold in each node.</summary>
    private static int WalkInt8(int[] b, int at, sbyte[] arena, int x, int featureBits, int thresholdBits)
    {
        int featureMask = (1 << featureBits) - 1;
        int right = featureBits + thresholdBits;
        int up = 32 - right;
        int down = 32 - thresholdBits;
        while (true)
        {
            int node = b[at];
            int distance = (int)((uint)node >> right);
            if (distance == 0)
            {
                return node;
            }

            at += arena[x + (node & featureMask)] <= node << up >> down ? 1 : distance;
        }
    }

    /// <summary>The same, thresholds in a table from <paramref name="table"/> on.</summary>
    private static int WalkInt16(int[] b, int at, int table, sbyte[] arena, int x, int featureBits, int thresholdBits)
    {
        int featureMask = (1 << featureBits) - 1;
        int thresholdMask = (1 << thresholdBits) - 1;
        int right = featureBits + thresholdBits;
        while (true)
        {
            int node = b[at];
            int distance = (int)((uint)node >> right);
            if (distance == 0)
            {
                return node;
            }

            int place = x + ((node & featureMask) << 1);
            int value = (arena[place] & 255) | (arena[place + 1] << 8);
            at += value <= b[table + ((node >> featureBits) & thresholdMask)] ? 1 : distance;
        }
    }

    /// <summary>The same for floating-point numbers, whose bits are in the order of the numbers once those of negative ones are inverted.</summary>
    private static int WalkFloat32(int[] b, int at, int table, sbyte[] arena, int x, int featureBits, int thresholdBits)
    {
        int featureMask = (1 << featureBits) - 1;
        int thresholdMask = (1 << thresholdBits) - 1;
        int right = featureBits + thresholdBits;
        while (true)
        {
            int node = b[at];
            int distance = (int)((uint)node >> right);
            if (distance == 0)
            {
                return node;
            }

            int place = x + ((node & featureMask) << 2);
            int bits = (arena[place] & 255) | ((arena[place + 1] & 255) << 8) | ((arena[place + 2] & 255) << 16) | (arena[place + 3] << 24);
            bits ^= (bits >> 31) & int.MaxValue;
            at += bits <= b[table + ((node >> featureBits) & thresholdMask)] ? 1 : distance;
        }
    }

    /// <summary>Adds a row of 16-bit values, one for each output.</summary>
    private static void AddRow(Operator op, int row, int[] sums, int outputs)
    {
        byte[] values = op.Weights;
        int at = op.WeightsStart + (row * outputs * 2);
        for (int i = 0; i < outputs; i++, at += 2)
        {
            sums[i] += values[at] | ((sbyte)values[at + 1] << 8);
        }
    }
}
