using System.Runtime.CompilerServices;
using System.Text;
using Noos.Language.Tokenization;

namespace Noos.Inference.Constraints.Grammar;

/// <summary>
/// The ordinary tokens by their bytes: a trie whose nodes lie in the order of a walk, so that skipping a branch is one step. Which tokens
/// an automaton allows is found in one walk.
/// </summary>
sealed class VocabularyTrie
{
    static readonly ConditionalWeakTable<Tokenizer, VocabularyTrie> s_known = [];

    readonly byte[] _bytes;         // the last byte of each node
    readonly byte[] _depths;        // the number of bytes of each node
    readonly int[] _skips;          // the node after the branch of each node
    readonly int[] _firstTokens;    // [nodes + 1]: where the tokens of each node lie in _tokens
    readonly int[] _tokens;

    VocabularyTrie(Tokenizer tokenizer)
    {
        VocabularySize = tokenizer.VocabularySize;
        var sorted = new List<int>(tokenizer.VocabularySize);
        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            // A token that stands for a whole name, such as the end of a tool call, is layout and never a part of a text.
            var isLayout = tokenizer.IsSpecial(token)
                || (tokenizer.TryGetSpecial(Encoding.UTF8.GetString(tokenizer.BytesOf(token)), out var named) && named == token);
            if (!isLayout && tokenizer.BytesOf(token).Length is > 0 and <= byte.MaxValue)
            {
                sorted.Add(token);
            }
        }

        sorted.Sort((a, b) => tokenizer.BytesOf(a).SequenceCompareTo(tokenizer.BytesOf(b)));
        var bytes = new List<byte>();
        var depths = new List<byte>();
        var firstTokens = new List<int>();
        for (var index = 0; index < sorted.Count; index++)
        {
            var token = tokenizer.BytesOf(sorted[index]);
            var shared = index == 0 ? 0 : tokenizer.BytesOf(sorted[index - 1]).CommonPrefixLength(token);
            for (var depth = shared; depth < token.Length; depth++)
            {
                bytes.Add(token[depth]);
                depths.Add((byte)(depth + 1));
                firstTokens.Add(depth + 1 == token.Length ? index : -1);
            }

            Longest = Math.Max(Longest, token.Length);
        }

        _tokens = [.. sorted];
        _bytes = [.. bytes];
        _depths = [.. depths];
        _skips = new int[bytes.Count];
        _firstTokens = [.. firstTokens, sorted.Count];
        var next = new int[Longest + 2];
        Array.Fill(next, bytes.Count);
        for (var node = bytes.Count - 1; node >= 0; node--)
        {
            // A node without tokens has those of none: it begins where the next one does.
            _firstTokens[node] = _firstTokens[node] < 0 ? _firstTokens[node + 1] : _firstTokens[node];
            _skips[node] = next[_depths[node]];
            Array.Fill(next, node, _depths[node], Longest + 2 - _depths[node]);
        }
    }

    public int VocabularySize { get; }

    /// <summary>Bytes of the longest token.</summary>
    public int Longest { get; }

    public int MaskLength => (VocabularySize + 63) / 64;

    public static VocabularyTrie Get(Tokenizer tokenizer) => s_known.GetValue(tokenizer, static known => new VocabularyTrie(known));

    /// <summary>Sets the bits of the tokens that the automaton can read whole from the state.</summary>
    public void Allow(ByteAutomaton automaton, int state, ulong[] mask) => Walk(automaton, state, mask, undecided: null);

    /// <summary>Sets the bits of the tokens that the text begins with.</summary>
    public void AllowPrefixesOf(ReadOnlySpan<byte> text, ulong[] mask)
    {
        var (node, end) = (0, _bytes.Length);
        for (var depth = 1; depth <= text.Length && node < end; depth++)
        {
            // The nodes of one depth below a parent follow each other by their skips.
            while (node < end && _bytes[node] != text[depth - 1])
            {
                node = _skips[node];
            }

            if (node >= end)
            {
                return;
            }

            for (var index = _firstTokens[node]; index < _firstTokens[node + 1]; index++)
            {
                mask[_tokens[index] / 64] |= 1ul << (_tokens[index] % 64);
            }

            (node, end) = (node + 1, _skips[node]);
        }
    }

    /// <summary>
    /// What can be said of a state whose stack ends at <see cref="ByteAutomaton.Boundary"/>: the tokens that never reach it, and the
    /// branches of those that do.
    /// </summary>
    public LocalMask Localize(ByteAutomaton automaton, int state)
    {
        var mask = new ulong[MaskLength];
        var undecided = new List<Branch>();
        Walk(automaton, state, mask, undecided);
        return new LocalMask(mask, [.. undecided]);
    }

    /// <summary>Sets the bits of the tokens of some branches that the automaton can read whole from the state.</summary>
    public void Allow(ByteAutomaton automaton, int state, IReadOnlyList<Branch> branches, ulong[] mask)
    {
        Span<int> states = stackalloc int[Longest + 1];
        states[0] = state;
        Span<byte> path = stackalloc byte[Longest];
        var known = 0;
        foreach (var branch in branches)
        {
            var prefix = branch.Path.AsSpan();
            var depth = Math.Min(path[..known].CommonPrefixLength(prefix), known);
            for (; depth < prefix.Length; depth++)
            {
                path[depth] = prefix[depth];
                states[depth + 1] = automaton.Step(states[depth], prefix[depth]);
                if (states[depth + 1] == ByteAutomaton.Dead)
                {
                    break;
                }
            }

            known = depth;
            if (depth == prefix.Length)
            {
                Walk(automaton, states, branch.Node, _skips[branch.Node], mask, undecided: null, path);
            }
        }
    }

    void Walk(ByteAutomaton automaton, int state, ulong[] mask, List<Branch>? undecided)
    {
        Span<int> states = stackalloc int[Longest + 1];
        Span<byte> path = stackalloc byte[Longest];
        states[0] = state;
        Walk(automaton, states, 0, _bytes.Length, mask, undecided, path);
    }

    void Walk(ByteAutomaton automaton, Span<int> states, int node, int end, ulong[] mask, List<Branch>? undecided, Span<byte> path)
    {
        while (node < end)
        {
            var depth = _depths[node];
            var next = automaton.Step(states[depth - 1], _bytes[node]);
            path[depth - 1] = _bytes[node];
            if (next == ByteAutomaton.Boundary && undecided is not null)
            {
                undecided.Add(new Branch(path[..(depth - 1)].ToArray(), node));
                node = _skips[node];
            }
            else if (next == ByteAutomaton.Dead)
            {
                node = _skips[node];
            }
            else
            {
                states[depth] = next;
                for (var index = _firstTokens[node]; index < _firstTokens[node + 1]; index++)
                {
                    mask[_tokens[index] / 64] |= 1ul << (_tokens[index] % 64);
                }

                node++;
            }
        }
    }

    /// <summary>A node and all below it.</summary>
    /// <param name="Path">The bytes before the node's own.</param>
    /// <param name="Node">Where the branch begins.</param>
    public readonly record struct Branch(byte[] Path, int Node);

    /// <param name="Allowed">One bit a token.</param>
    /// <param name="Undecided">Branches that depend on what lies below, in the order of the trie.</param>
    public sealed record LocalMask(ulong[] Allowed, Branch[] Undecided);
}
