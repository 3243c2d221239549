using System.Runtime.InteropServices;
using Noos.Inference.Constraints;
using Noos.Inference.Constraints.Grammar;
using Noos.Language.Tokenization;

namespace Noos.Inference.ToolCalls;

/// <summary>
/// Lets the model write freely until it opens a tool call, then only what stays a well-formed call: the name of a tool and arguments
/// that its schema allows. For one generation; not thread-safe.
/// </summary>
public sealed class ToolCallConstraint : ITokenConstraint
{
    readonly ToolCallGrammar _grammar;
    readonly IReadOnlyDictionary<int, TokenGrammar> _openings;
    readonly int[] _neverFree;
    readonly List<int> _body = [];
    readonly List<byte> _beginning = [];
    TokenGrammar? _open;
    int _state;
    bool _mustCall;
    bool _mayBeWhole;

    public ToolCallConstraint(Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools, ToolChoice choice = ToolChoice.Auto)
        : this(new ToolCallGrammar(tokenizer, tools), choice)
    {
    }

    public ToolCallConstraint(ToolCallGrammar grammar, ToolChoice choice = ToolChoice.Auto)
    {
        ArgumentNullException.ThrowIfNull(grammar);
        if (choice == ToolChoice.Required && !grammar.HasTools)
        {
            throw new ArgumentException("A tool call is required, but there are no tools.", nameof(choice));
        }

        _grammar = grammar;
        _openings = choice == ToolChoice.None ? grammar.WithoutCalls : grammar.Openings;
        _neverFree = [.. grammar.Layout.Union(grammar.CallTokens).Where(token => !_openings.ContainsKey(token))];
        _mayBeWhole = grammar.Whole is not null && choice != ToolChoice.None;
        _mustCall = choice == ToolChoice.Required;
        if (_mustCall && grammar.Whole is { } whole)
        {
            Open(whole, whole.Start);
        }
    }

    /// <summary>Never: after a call, the model ends its turn itself or calls again.</summary>
    public bool IsComplete => false;

    public bool IsInCall => _open is not null || _mustCall || (_mayBeWhole && _beginning.Count > 0);

    public void Mask(Span<float> logits)
    {
        if (_open is not null)
        {
            _open.Mask(_state, logits);
        }
        else if (_mustCall)
        {
            // One choice left; its own logit may have been anything.
            logits.Fill(float.NegativeInfinity);
            logits[_grammar.Opening] = 0;
        }
        else
        {
            foreach (var token in _neverFree)
            {
                logits[token] = float.NegativeInfinity;
            }

            if (_mayBeWhole)
            {
                MaskTrigger(logits);
            }
        }
    }

    public void Accept(int token)
    {
        if (_open is not null)
        {
            var state = _open.Step(_state, token);
            _state = state != ByteAutomaton.Dead ? state : throw new ArgumentException("The token is not allowed here.", nameof(token));
            _body.Add(token);
            _open = state == ByteAutomaton.Accepted ? null : _open;
            return;
        }

        if (_openings.TryGetValue(token, out var opened))
        {
            Open(opened, opened.Start);
        }
        else if (_mayBeWhole)
        {
            ReadBeginning(token);
        }
    }

    public void Force(List<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (_open is not null)
        {
            _open.Force(_state, _body, tokens);
        }
        else if (_mustCall)
        {
            tokens.Add(_grammar.Opening);
        }
    }

    void Open(TokenGrammar grammar, int state)
    {
        (_open, _state, _mustCall, _mayBeWhole) = (grammar, state, false, false);
        _body.Clear();
    }

    /// <summary>The answer begins with a text that may become the one by which calls are known.</summary>
    void ReadBeginning(int token)
    {
        _beginning.AddRange(_grammar.Tokenizer.BytesOf(token));
        _body.Add(token);
        var text = CollectionsMarshal.AsSpan(_beginning);
        if (_grammar.Tokenizer.IsSpecial(token)
            || text.CommonPrefixLength(_grammar.Trigger) < Math.Min(text.Length, _grammar.Trigger.Length))
        {
            _mayBeWhole = false;
        }
        else if (text.Length >= _grammar.Trigger.Length
            && _grammar.Whole!.Step(_grammar.Whole.Start, text) is var state and not ByteAutomaton.Dead)
        {
            int[] written = [.. _body];
            Open(_grammar.Whole, state);
            _body.AddRange(written);
        }
    }

    /// <summary>Forbids the tokens that complete the trigger and go on with what is no call.</summary>
    void MaskTrigger(Span<float> logits)
    {
        var rest = _grammar.Trigger.AsSpan(_beginning.Count);
        for (var token = 0; token < _grammar.Tokenizer.VocabularySize; token++)
        {
            var bytes = _grammar.Tokenizer.BytesOf(token);
            if (bytes.Length > rest.Length && bytes.StartsWith(rest) && !_grammar.Tokenizer.IsSpecial(token)
                && _grammar.Whole!.Step(_grammar.Whole.Start, [.. _beginning, .. bytes]) == ByteAutomaton.Dead)
            {
                logits[token] = float.NegativeInfinity;
            }
        }
    }
}
