using System;

namespace TinyInference;

/// <summary>CONV_2D, grouped or not: each window as one contiguous run, then a dot product with each output channel's weights.</summary>
internal static class Conv2D
{
    internal static void Validate(Operator op, BlobHeader header)
    {
        Check.Images(op);
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        Check.Convolution(op, 14, y);
        int groups = p[12];
        int groupInputs = Check.Groups(op, x[3], groups);
        Check.Groups(op, y[3], groups);

        long window = Check.Times(op, Check.Times(op, p[0], p[1]), groupInputs);
        Check.Times(op, window, op.Outputs[0].ElementCount);
        Check.Counts(op, 14, y[3], window * y[3]);
        Check.Quantization(op, y[3]);
        Check.Scratch(op, header, y[3]);

        int patch = p[13];
        if (patch < 0)
        {
            CheckRuns(op);
        }
        else
        {
            Check.Require(window <= header.ArenaBytes - patch, BlobError.Parameter, op);
        }
    }

    /// <summary>Each window is one run of the input, so that it needs no patch: patchOffset -1.</summary>
    internal static void CheckRuns(Operator op)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        bool oneRun = (p[1] == 1 || p[5] == 1) && (p[0] == 1 || (p[4] == 1 && p[1] == x[2]));
        bool inside = p[6] == 0 && p[7] == 0
            && ((y[1] - 1) * p[2]) + ((p[0] - 1) * p[4]) < x[1]
            && ((y[2] - 1) * p[3]) + ((p[1] - 1) * p[5]) < x[2];
        Check.Require(p[13] == -1 && p[12] == 1 && oneRun && inside, BlobError.Parameter, op);
    }

    internal static void Run(Operator op, sbyte[] arena, int[] scratch32)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int[] y = op.Outputs[0].Dimensions;
        int width = x[2];
        int channels = x[3];
        int outputHeight = y[1];
        int outputWidth = y[2];
        int strideH = p[2];
        int strideW = p[3];
        int padTop = p[6];
        int padLeft = p[7];
        int zpY = p[9];
        int min = p[10];
        int max = p[11];
        int groups = p[12];
        int patch = p[13];
        int groupInputs = channels / groups;
        int groupOutputs = y[3] / groups;
        int window = p[0] * p[1] * groupInputs;
        int image = op.Inputs[0].ArenaOffset;
        int imageBytes = x[1] * width * channels;
        int result = op.Outputs[0].ArenaOffset;
        for (int n = 0; n < x[0]; n++)
        {
            for (int oy = 0; oy < outputHeight; oy++)
            {
                int row = (oy * strideH) - padTop;
                for (int ox = 0; ox < outputWidth; ox++)
                {
                    int column = (ox * strideW) - padLeft;
                    for (int group = 0; group < groups; group++)
                    {
                        int run = patch;
                        if (patch < 0)
                        {
                            run = image + (((row * width) + column) * channels);
                        }
                        else
                        {
                            Gather(op, arena, image + (group * groupInputs), row, column, patch);
                        }

                        DotProducts.Store(op, arena, scratch32, run, window, group * groupOutputs, groupOutputs, result, zpY, min, max);
                        result += groupOutputs;
                    }
                }
            }

            image += imageBytes;
        }
    }

    /// <summary>Copies the window at (<paramref name="row"/>, <paramref name="column"/>) of one group to <paramref name="to"/>; zpX stands for what is outside.</summary>
    internal static void Gather(Operator op, sbyte[] arena, int start, int row, int column, int to)
    {
        int[] p = op.Parameters;
        int[] x = op.Inputs[0].Dimensions;
        int height = x[1];
        int width = x[2];
        int channels = x[3];
        int kernelH = p[0];
        int kernelW = p[1];
        int dilationH = p[4];
        int dilationW = p[5];
        sbyte zpX = (sbyte)p[8];
        int groupInputs = channels / p[12];
        bool rowsAreRuns = dilationW == 1 && groupInputs == channels;
        if (rowsAreRuns && row >= 0 && column >= 0 && row + ((kernelH - 1) * dilationH) < height && column + kernelW <= width)
        {
            int run = kernelW * channels;
            int from = start + (((row * width) + column) * channels);
            for (int last = to + (kernelH * run); to < last; to += run)
            {
                Array.Copy(arena, from, arena, to, run);
                from += dilationH * width * channels;
            }

            return;
        }

        for (int ky = 0; ky < kernelH; ky++, row += dilationH)
        {
            if (row < 0 || row >= height)
            {
                ArenaBytes.Fill(arena, to, kernelW * groupInputs, zpX);
                to += kernelW * groupInputs;
            }
            else if (rowsAreRuns)
            {
                int before = column >= 0 ? 0 : -column < kernelW ? -column : kernelW;
                int beyond = column + kernelW - width;
                int after = beyond <= 0 ? 0 : beyond < kernelW ? beyond : kernelW;
                int inside = (kernelW - before - after) * channels;
                ArenaBytes.Fill(arena, to, before * channels, zpX);
                to += before * channels;
                ArenaBytes.Copy(arena, start + (((row * width) + column + before) * channels), to, inside);
                to += inside;
                ArenaBytes.Fill(arena, to, after * channels, zpX);
                to += after * channels;
            }
            else
            {
                for (int kx = 0, at = column; kx < kernelW; kx++, at += dilationW)
                {
                    if (at < 0 || at >= width)
                    {
                        ArenaBytes.Fill(arena, to, groupInputs, zpX);
                    }
                    else
                    {
                        ArenaBytes.Copy(arena, start + (((row * width) + at) * channels), to, groupInputs);
                    }

                    to += groupInputs;
                }
            }
        }
    }
}
