using Noos.Inference.Constraints;
using Noos.Language.Tokenization;

namespace Noos.Inference;

/// <summary>
/// Lets the model write freely until it opens a tool call, then only what stays a well-formed call: the name of a tool and arguments
/// that its schema allows. For one generation; not thread-safe.
/// </summary>
public sealed class ToolCallConstraint : ITokenConstraint
{
    readonly ToolCallGrammar _grammar;
    readonly ToolChoice _choice;
    readonly int[] _neverFree;
    readonly List<int> _body = [];
    int _state;
    bool _isInCall;
    bool _hasCalled;

    public ToolCallConstraint(Tokenizer tokenizer, IReadOnlyList<ToolSignature> tools, ToolChoice choice = ToolChoice.Auto)
        : this(new ToolCallGrammar(tokenizer, tools), choice)
    {
    }

    public ToolCallConstraint(ToolCallGrammar grammar, ToolChoice choice = ToolChoice.Auto)
    {
        ArgumentNullException.ThrowIfNull(grammar);
        if (choice == ToolChoice.Required && grammar.Body is null)
        {
            throw new ArgumentException("A tool call is required, but there are no tools.", nameof(choice));
        }

        _grammar = grammar;
        _choice = grammar.Body is null ? ToolChoice.None : choice;
        var never = new List<int> { grammar.EndToken };
        foreach (var name in (ReadOnlySpan<string>)[SpecialTokens.MessageStart, SpecialTokens.ToolResponseStart, SpecialTokens.ToolResponseEnd])
        {
            if (grammar.Tokenizer.TryGetSpecial(name, out var token))
            {
                never.Add(token);
            }
        }

        if (_choice == ToolChoice.None)
        {
            never.Add(grammar.StartToken);
        }

        _neverFree = [.. never];
    }

    /// <summary>Never: after a call, the model ends its turn itself or calls again.</summary>
    public bool IsComplete => false;

    bool MustCall => _choice == ToolChoice.Required && !_hasCalled && !_isInCall;

    public void Mask(Span<float> logits)
    {
        if (MustCall)
        {
            AllowOnly(_grammar.StartToken, logits);
        }
        else if (!_isInCall)
        {
            foreach (var token in _neverFree)
            {
                logits[token] = float.NegativeInfinity;
            }
        }
        else if (_state == ByteAutomaton.Accepted)
        {
            AllowOnly(_grammar.EndToken, logits);
        }
        else
        {
            _grammar.Body!.Mask(_state, logits);
        }
    }

    public void Accept(int token)
    {
        if (!_isInCall)
        {
            if (token == _grammar.StartToken && _grammar.Body is { } body)
            {
                _isInCall = true;
                _state = body.Start;
                _body.Clear();
            }

            return;
        }

        if (_state == ByteAutomaton.Accepted)
        {
            Require(token == _grammar.EndToken);
            _isInCall = false;
            _hasCalled = true;
            return;
        }

        Require(!_grammar.Tokenizer.IsSpecial(token));
        var state = _grammar.Body!.Step(_state, token);
        Require(state != ByteAutomaton.Dead);
        _state = state;
        _body.Add(token);
    }

    public void Force(List<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (MustCall)
        {
            tokens.Add(_grammar.StartToken);
        }
        else if (_isInCall && _state == ByteAutomaton.Accepted)
        {
            tokens.Add(_grammar.EndToken);
        }
        else if (_isInCall)
        {
            _grammar.Body!.Force(_state, _body, tokens);
        }
    }

    static void AllowOnly(int token, Span<float> logits)
    {
        // One choice left; its own logit may have been anything.
        logits.Fill(float.NegativeInfinity);
        logits[token] = 0;
    }

    static void Require(bool isAllowed)
    {
        if (!isAllowed)
        {
            throw new ArgumentException("The token is not allowed here.", nameof(isAllowed));
        }
    }
}
