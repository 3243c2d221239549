using System.Runtime.CompilerServices;
using Noos.Language.Tokenization;

namespace Noos.Inference.Constraints;

/// <summary>
/// The ordinary tokens sorted by their bytes, each with the length of the beginning it shares with the one before: a trie without nodes.
/// Which tokens an automaton allows is found in one walk that never reads a shared beginning twice.
/// </summary>
sealed class SortedVocabulary
{
    static readonly ConditionalWeakTable<Tokenizer, SortedVocabulary> s_known = [];

    readonly Tokenizer _tokenizer;
    readonly int[] _tokens;
    readonly int[] _shared;
    readonly int _longest;

    SortedVocabulary(Tokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        var tokens = new List<int>(tokenizer.VocabularySize);
        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            if (!tokenizer.IsSpecial(token) && tokenizer.BytesOf(token).Length > 0)
            {
                tokens.Add(token);
            }
        }

        tokens.Sort((a, b) => tokenizer.BytesOf(a).SequenceCompareTo(tokenizer.BytesOf(b)));
        _tokens = [.. tokens];
        _shared = new int[_tokens.Length];
        for (var i = 0; i < _tokens.Length; i++)
        {
            var bytes = tokenizer.BytesOf(_tokens[i]);
            _longest = Math.Max(_longest, bytes.Length);
            _shared[i] = i == 0 ? 0 : tokenizer.BytesOf(_tokens[i - 1]).CommonPrefixLength(bytes);
        }
    }

    public static SortedVocabulary Of(Tokenizer tokenizer) => s_known.GetValue(tokenizer, static known => new SortedVocabulary(known));

    /// <summary>One bit a token: set when the automaton can read all its bytes from the state.</summary>
    public ulong[] Allowed(ByteAutomaton automaton, int state)
    {
        var allowed = new ulong[(_tokenizer.VocabularySize + 63) / 64];
        var states = new int[_longest + 1];
        states[0] = state;
        var read = 0;
        for (var i = 0; i < _tokens.Length; i++)
        {
            // The shared beginning already held the byte that could not be read.
            if (read < _shared[i])
            {
                continue;
            }

            var bytes = _tokenizer.BytesOf(_tokens[i]);
            for (read = _shared[i]; read < bytes.Length; read++)
            {
                states[read + 1] = automaton.Step(states[read], bytes[read]);
                if (states[read + 1] == ByteAutomaton.Dead)
                {
                    break;
                }
            }

            if (read == bytes.Length)
            {
                allowed[_tokens[i] / 64] |= 1ul << (_tokens[i] % 64);
            }
        }

        return allowed;
    }
}
