using System.Text.Json;
using Noos.Core;
using Noos.Inference.Constraints.Gbnf;
using Noos.Inference.Constraints.Grammar;
using Noos.Inference.Constraints.Schemas;
using Noos.Language.Tokenization;

namespace Noos.Inference.Constraints;

/// <summary>
/// What a whole answer may look like, for one vocabulary. Make it once and let all generations share it: it learns which tokens may come
/// where. Thread-safe.
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

    /// <summary>One JSON value that a JSON Schema allows; what is written always validates.</summary>
    /// <exception cref="NoosException">The schema is broken, contradicts itself, or says what cannot be enforced while writing.</exception>
    public static TextGrammar OfJsonSchema(Tokenizer tokenizer, JsonElement schema)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return new TextGrammar(tokenizer, SchemaCompiler.Compile(schema));
    }

    /// <summary>The texts of a grammar in llama.cpp's GBNF, tokens by number (<c>&lt;[123]&gt;</c>) and by name (<c>&lt;think&gt;</c>) included.</summary>
    /// <exception cref="NoosException">The grammar is broken, begins a rule with itself, or has no text.</exception>
    public static TextGrammar OfGbnf(Tokenizer tokenizer, string grammar)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(grammar);
        return new TextGrammar(tokenizer, GbnfParser.Parse(grammar, tokenizer));
    }
}
