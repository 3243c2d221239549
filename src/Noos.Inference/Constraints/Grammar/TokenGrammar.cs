using Noos.Core;
using Noos.Language.Tokenization;

namespace Noos.Inference.Constraints.Grammar;

/// <summary>
/// A byte grammar lifted to the tokens of a vocabulary, with cached masks per state. Thread-safe: one lock per call, so generations that
/// share a grammar wait for each other only while a mask is computed for the first time.
/// </summary>
sealed class TokenGrammar
{
    // A mask is half a kilobyte for a vocabulary of 4,096 tokens and 19 for one of 151,936.
    const int MaskMemory = 32 << 20;

    // Tokens before a forced text that are encoded again with it, to find its token boundaries.
    const int MaxLookBack = 64;

    // Bytes that are forced at once: everybody else's next token waits for it. What is left is forced after the next token.
    const int MaxForced = 512;

    // So many of the following bytes decide the last token boundaries.
    const int MaxContinuation = 64;

    // One byte of each class that pre-tokenizers distinguish: what may follow a forced text decides its last token boundary.
    static readonly byte[][] s_continuations = [.. "ae1\"\\ {}[],.-+\n\u00e9"u8.ToArray().Select(value => new[] { value })];

    readonly Lock _lock = new();
    readonly Tokenizer _tokenizer;
    readonly VocabularyTrie _vocabulary;
    readonly ByteAutomaton _automaton;
    readonly Dictionary<int, ulong[]> _masks = [];
    readonly Dictionary<int, VocabularyTrie.LocalMask> _localMasks = [];
    readonly int _maxMasks;
    // The tokens that the grammar reads as a whole.
    readonly int[] _named;
    readonly bool _readsOthers;

    public TokenGrammar(Tokenizer tokenizer, GrammarNode root)
    {
        _tokenizer = tokenizer;
        _vocabulary = VocabularyTrie.Get(tokenizer);
        _maxMasks = Math.Max(MaskMemory / (8 * _vocabulary.MaskLength), 16);
        _automaton = new ByteAutomaton(
            GrammarAnalysis.Prepare(root) ? root : throw new NoosException("No text can satisfy the schema or grammar; correct it."));
        var nodes = GrammarAnalysis.Reachable(root).OfType<TokenNode>().ToArray();
        _named = [.. nodes.SelectMany(node => node.Tokens).Distinct().Order()];
        _readsOthers = Array.Exists(nodes, node => node.IsNegated);
    }

    public int Start => _automaton.Start;

    public bool IsAccepting(int state)
    {
        lock (_lock)
        {
            return _automaton.IsAccepting(state);
        }
    }

    /// <summary>The state after a token, or <see cref="ByteAutomaton.Dead"/>. A special token can be read only as a whole.</summary>
    public int Step(int state, int token)
    {
        lock (_lock)
        {
            var whole = StepWhole(state, token);
            if (_tokenizer.IsSpecial(token))
            {
                return whole;
            }

            foreach (var value in _tokenizer.BytesOf(token))
            {
                state = _automaton.Step(state, value);
            }

            return _automaton.Union(state, whole);
        }
    }

    /// <summary>The state after some text, or <see cref="ByteAutomaton.Dead"/>.</summary>
    public int Step(int state, ReadOnlySpan<byte> text)
    {
        lock (_lock)
        {
            foreach (var value in text)
            {
                state = _automaton.Step(state, value);
            }

            return state;
        }
    }

    /// <summary>Forbids every token that cannot come next, all special tokens among them that the grammar does not read.</summary>
    public void Mask(int state, Span<float> logits)
    {
        ulong[]? mask;
        lock (_lock)
        {
            if (!_masks.TryGetValue(state, out mask))
            {
                if (_masks.Count == _maxMasks)
                {
                    _masks.Clear();
                }

                mask = FindAllowed(state);
                _masks.Add(state, mask);
            }
        }

        // Outside of the lock: masks are never changed once made.
        TokenMask.Apply(mask, logits);
    }

    /// <summary>
    /// The union over all ways in which the text can be read. What the topmost frame decides alone is the same for every stack below it and
    /// kept; only tokens that reach beyond it are tried (Dong et al. 2024, XGrammar).
    /// </summary>
    ulong[] FindAllowed(int state)
    {
        var mask = new ulong[_vocabulary.MaskLength];
        foreach (var way in _automaton.WaysOf(state).ToArray())
        {
            if (way <= ByteAutomaton.Boundary)
            {
                continue;
            }

            var frame = _automaton.FrameOf(way);
            if (frame.Node.MayEnd(frame))
            {
                // The frame may end anywhere, so nothing can be decided by it alone: walk the trie with the whole stack.
                _vocabulary.Allow(_automaton, way, mask);
                continue;
            }

            var local = _automaton.Intern(frame.Node.Within(frame, _vocabulary.Longest) with { Next = ByteAutomaton.Boundary });
            if (!_localMasks.TryGetValue(local, out var known))
            {
                if (_localMasks.Count == _maxMasks)
                {
                    _localMasks.Clear();
                }

                known = _vocabulary.Localize(_automaton, local);
                _localMasks.Add(local, known);
            }

            for (var word = 0; word < mask.Length; word++)
            {
                mask[word] |= known.Allowed[word];
            }

            _vocabulary.Allow(_automaton, way, known.Undecided, mask);
        }

        AllowWhole(state, mask);
        return mask;
    }

    /// <summary>Sets the bits of the tokens that can be read as a whole.</summary>
    void AllowWhole(int state, ulong[] mask)
    {
        if (_readsOthers && _automaton.StepToken(state, TokenNode.Other) != ByteAutomaton.Dead)
        {
            for (var token = 0; token < _vocabulary.VocabularySize; token++)
            {
                // Ends of generation are allowed by the constraint where the text may end, not here.
                if (Array.BinarySearch(_named, token) < 0 && !_tokenizer.EndsGeneration(token))
                {
                    mask[token / 64] |= 1ul << (token % 64);
                }
            }
        }

        foreach (var token in _named)
        {
            if (_automaton.StepToken(state, token) != ByteAutomaton.Dead)
            {
                mask[token / 64] |= 1ul << (token % 64);
            }
        }
    }

    int StepWhole(int state, int token) => Array.BinarySearch(_named, token) >= 0 ? _automaton.StepToken(state, token)
        : _readsOthers ? _automaton.StepToken(state, TokenNode.Other)
        : ByteAutomaton.Dead;

    bool ReadsWhole(int state) => (_readsOthers && _automaton.StepToken(state, TokenNode.Other) != ByteAutomaton.Dead)
        || Array.Exists(_named, token => _automaton.StepToken(state, token) != ByteAutomaton.Dead);

    /// <summary>The one token that can come next, read as a whole; -1 where there is none or a choice.</summary>
    int OnlyWhole(int state)
    {
        if (_named.Length == 0
            || _automaton.IsAccepting(state)
            || (_readsOthers && _automaton.StepToken(state, TokenNode.Other) != ByteAutomaton.Dead))
        {
            return -1;
        }

        var tokens = Array.FindAll(_named, token => _automaton.StepToken(state, token) != ByteAutomaton.Dead);
        return tokens is [var only] && !_automaton.ReadsBytes(state) ? only : -1;
    }

    /// <summary>
    /// Appends the tokens whose bytes must come next and whose boundaries the whole text will have, whatever follows; they need neither
    /// the model nor the sampler. Boundaries are those of <see cref="Tokenizer.Encode(ReadOnlySpan{byte}, List{int})"/>, because the model
    /// has learnt no others.
    /// </summary>
    /// <param name="state">Where the automaton stands.</param>
    /// <param name="soFar">The tokens since the grammar's start.</param>
    /// <param name="output">Takes the forced tokens.</param>
    public void Force(int state, IReadOnlyList<int> soFar, List<int> output)
    {
        var forced = new List<byte>();
        int end;
        List<byte[]> continuations = [[]];
        bool isClosed;
        lock (_lock)
        {
            if (OnlyWhole(state) is var only and >= 0)
            {
                output.Add(only);
                return;
            }

            end = _automaton.Force(state, forced, MaxForced, ReadsWhole);
            if (forced.Count == 0)
            {
                return;
            }

            isClosed = end == ByteAutomaton.Accepted || !_automaton.ReadsBytes(end);
            if (forced.Count == MaxForced && !isClosed)
            {
                var next = new List<byte>();
                _automaton.Force(end, next, MaxContinuation, ReadsWhole);
                continuations = [[.. next]];
            }

            if (!isClosed && continuations[0].Length == 0)
            {
                continuations.AddRange(s_continuations.Where(continuation => _automaton.Step(end, continuation[0]) != ByteAutomaton.Dead));
            }
        }

        // Boundaries depend on what is near: the beginning of a long text need not be encoded again and again.
        var first = Math.Max(soFar.Count - MaxLookBack, 0);
        for (var index = first; index < soFar.Count; index++)
        {
            // Nothing joins with a token that was read as a whole.
            first = Array.BinarySearch(_named, soFar[index]) >= 0 || _tokenizer.IsSpecial(soFar[index]) ? index + 1 : first;
        }

        var text = new List<byte>();
        for (var index = first; index < soFar.Count; index++)
        {
            text.AddRange(_tokenizer.BytesOf(soFar[index]));
        }

        text.AddRange(forced);
        var common = CommonTokens(text, continuations);
        var stable = isClosed ? text.Count : StableLength(text);
        var position = 0;
        for (var i = 0; i < common.Count; i++)
        {
            position += _tokenizer.BytesOf(common[i]).Length;
            if (first + i < soFar.Count ? common[i] != soFar[first + i] : position > stable)
            {
                return;
            }

            if (first + i >= soFar.Count)
            {
                output.Add(common[i]);
            }
        }
    }

    /// <summary>The first tokens that are the same whichever continuation follows the text.</summary>
    List<int> CommonTokens(List<byte> text, List<byte[]> continuations)
    {
        var common = new List<int>();
        var tokens = new List<int>();
        for (var i = 0; i < continuations.Count; i++)
        {
            tokens.Clear();
            _tokenizer.Encode([.. text, .. continuations[i]], i == 0 ? common : tokens);
            if (i > 0)
            {
                var same = 0;
                while (same < Math.Min(common.Count, tokens.Count) && common[same] == tokens[same])
                {
                    same++;
                }

                common.RemoveRange(same, common.Count - same);
            }
        }

        return common;
    }

    /// <summary>
    /// A word at the end may grow, one character before a word may belong to it, and a space belongs to what follows: nothing from there on
    /// is certain.
    /// </summary>
    static int StableLength(List<byte> text)
    {
        var end = text.Count;
        while (end > 0 && (text[end - 1] >= 0x80 || char.IsAsciiLetterOrDigit((char)text[end - 1])))
        {
            end--;
        }

        end = Math.Max(end - 1, 0);
        while (end > 0 && char.IsWhiteSpace((char)text[end - 1]))
        {
            end--;
        }

        return end;
    }
}
