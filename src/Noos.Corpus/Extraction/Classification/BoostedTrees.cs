using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Noos.Core;

namespace Noos.Corpus.Extraction.Classification;

/// <summary>
/// Gradient-boosted decision trees with a logistic link (Friedman 2001). Immutable; thread-safe. Trees are stored as arrays: an inner node
/// has a feature, a threshold and the index of its left child, the right one behind it; a leaf has a value.
/// </summary>
sealed class BoostedTrees
{
    const uint Magic = 0x54424E31;

    readonly Node[] _nodes;
    readonly int[] _roots;

    /// <param name="nodes">All trees, one after the other; children lie behind their parents.</param>
    /// <param name="roots">Where each tree begins.</param>
    /// <param name="bias">Sum before the first tree.</param>
    public BoostedTrees(Node[] nodes, int[] roots, float bias) => (_nodes, _roots, Bias) = (nodes, roots, bias);

    public float Bias { get; }

    /// <summary>The logit of a row of features.</summary>
    public float Score(ReadOnlySpan<float> features)
    {
        var sum = Bias;
        var nodes = _nodes;
        foreach (var root in _roots)
        {
            ref var node = ref nodes[root];
            while (node.Feature >= 0)
            {
                node = ref nodes[features[node.Feature] <= node.Value ? node.Left : node.Left + 1];
            }

            sum += node.Value;
        }

        return sum;
    }

    public float Predict(ReadOnlySpan<float> features) => 1 / (1 + MathF.Exp(-Score(features)));

    public void Write(Stream stream)
    {
        WriteWord(Magic);
        WriteWord((uint)_roots.Length);
        WriteWord((uint)_nodes.Length);
        WriteWord(BitConverter.SingleToUInt32Bits(Bias));
        foreach (var root in _roots)
        {
            WriteWord((uint)root);
        }

        foreach (var node in _nodes)
        {
            WriteWord((uint)((ushort)node.Feature << 16 | (ushort)node.Left));
            WriteWord(BitConverter.SingleToUInt32Bits(node.Value));
        }

        void WriteWord(uint value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }

    /// <exception cref="NoosException">It is no such file (<see cref="ErrorKind.Damaged"/>).</exception>
    public static BoostedTrees Read(Stream stream)
    {
        var bytes = new byte[4];
        if (ReadWord() != Magic)
        {
            throw new NoosException(ErrorKind.Damaged, "The trees of the page classifier are damaged; install Noos anew.");
        }

        var roots = new int[(int)ReadWord()];
        var nodes = new Node[(int)ReadWord()];
        var bias = BitConverter.UInt32BitsToSingle(ReadWord());
        for (var i = 0; i < roots.Length; i++)
        {
            roots[i] = (int)ReadWord();
        }

        for (var i = 0; i < nodes.Length; i++)
        {
            var packed = ReadWord();
            nodes[i] = new Node((short)(packed >> 16), (ushort)packed, BitConverter.UInt32BitsToSingle(ReadWord()));
        }

        return new BoostedTrees(nodes, roots, bias);

        uint ReadWord()
        {
            stream.ReadExactly(bytes);
            return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        }
    }

    /// <summary>A node of a tree.</summary>
    /// <param name="Feature">Compared with the value; -1 in a leaf.</param>
    /// <param name="Left">The child for features up to the value; the other one lies behind it.</param>
    /// <param name="Value">Threshold, or what a leaf adds to the logit.</param>
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct Node(short Feature, ushort Left, float Value);
}
