using System.Text.Json;
using Noos.Core;
using Noos.Inference.Constraints.Gbnf;
using Noos.Inference.Constraints.Grammar;
using Noos.Inference.Constraints.Schemas;
using Noos.Language.Tokenization;

namespace Noos.Inference.Constraints;

/// <summary>
/// The formal language that a whole answer must belong to, compiled for one vocabulary. Compile once and share: it caches which tokens are
/// allowed in each state. Thread-safe.
/// </summary>
public sealed class TextGrammar
{
    TextGrammar(Tokenizer tokenizer, GrammarNode root)
    {
        Tokenizer = tokenizer;
        Tokens = new TokenGrammar(tokenizer, root);
    }

    internal Tokenizer Tokenizer { get; }

    internal TokenGrammar Tokens { get; }

    /// <summary>Compiles a JSON Schema: one JSON value that always validates.</summary>
    /// <exception cref="NoosException">
    /// The schema is broken, contradicts itself, or says what cannot be enforced while writing (Invalid).
    /// </exception>
    public static TextGrammar FromJsonSchema(Tokenizer tokenizer, JsonElement schema)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return new TextGrammar(tokenizer, SchemaCompiler.Compile(schema));
    }

    /// <summary>
    /// Parses a grammar in llama.cpp's GBNF, tokens by number (<c>&lt;[123]&gt;</c>) and by name (<c>&lt;think&gt;</c>) included.
    /// </summary>
    /// <exception cref="NoosException">The grammar is broken, left-recursive, or has no text (Invalid).</exception>
    public static TextGrammar ParseGbnf(Tokenizer tokenizer, string grammar)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(grammar);
        return new TextGrammar(tokenizer, GbnfParser.Parse(grammar, tokenizer));
    }
}
