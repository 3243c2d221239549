using Noos.Inference.Constraints.Grammar;

namespace Noos.Inference.Constraints;

/// <summary>Makes the whole answer a text of a grammar. For one generation; not thread-safe.</summary>
public sealed class GrammarConstraint : ITextConstraint
{
    const int MaxEnds = 64;

    readonly TextGrammar _grammar;
    readonly List<int> _text = [];
    int _state;

    public GrammarConstraint(TextGrammar grammar)
    {
        ArgumentNullException.ThrowIfNull(grammar);
        _grammar = grammar;
        _state = grammar.Tokens.Start;
    }

    public bool IsComplete => _state == ByteAutomaton.Accepted;

    public void Mask(Span<float> logits)
    {
        var ends = _grammar.Tokenizer.EndTokens;
        Span<float> kept = stackalloc float[Math.Min(ends.Count, MaxEnds)];
        for (var index = 0; index < kept.Length; index++)
        {
            kept[index] = logits[ends[index]];
        }

        _grammar.Tokens.Mask(_state, logits);
        for (var index = 0; index < kept.Length && _grammar.Tokens.IsAccepting(_state); index++)
        {
            // A number may end here or go on: the model decides.
            logits[ends[index]] = kept[index];
        }
    }

    public bool Allows(int token) => _grammar.Tokens.Step(_state, token) != ByteAutomaton.Dead;

    public void Accept(int token)
    {
        var state = _grammar.Tokens.Step(_state, token);
        _state = state != ByteAutomaton.Dead ? state : throw new ArgumentException("The token is not allowed here.", nameof(token));
        _text.Add(token);
    }

    public void Force(List<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        _grammar.Tokens.Force(_state, _text, tokens);
    }
}
