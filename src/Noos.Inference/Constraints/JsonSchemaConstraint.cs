using System.Text.Json;
using Noos.Inference.Constraints;
using Noos.Language.Tokenization;

namespace Noos.Inference;

/// <summary>Makes the whole answer one JSON value of a schema. For one generation; not thread-safe.</summary>
public sealed class JsonSchemaConstraint : ITokenConstraint
{
    readonly Tokenizer _tokenizer;
    readonly TokenGrammar _grammar;
    readonly List<int> _text = [];
    int _state;

    /// <exception cref="Language.NoosException">The schema cannot be satisfied.</exception>
    public JsonSchemaConstraint(Tokenizer tokenizer, JsonElement schema)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
        _grammar = new TokenGrammar(tokenizer, SchemaCompiler.Compile(schema));
        _state = _grammar.Start;
    }

    public bool IsComplete => _state == ByteAutomaton.Accepted;

    public void Mask(Span<float> logits)
    {
        var end = logits[_tokenizer.EndOfTurn];
        _grammar.Mask(_state, logits);
        if (_grammar.IsAccepting(_state))
        {
            // A number may end here or go on: the model decides.
            logits[_tokenizer.EndOfTurn] = end;
        }
    }

    public void Accept(int token)
    {
        var state = _tokenizer.IsSpecial(token) ? ByteAutomaton.Dead : _grammar.Step(_state, token);
        _state = state != ByteAutomaton.Dead ? state : throw new ArgumentException("The token is not allowed here.", nameof(token));
        _text.Add(token);
    }

    public void Force(List<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        _grammar.Force(_state, _text, tokens);
    }
}
