using System.Text.Json;

namespace Noos.Kernel.Cpu;

/// <summary>What the text of an answer must look like: JSON, JSON of a schema, a text of a grammar, or a span of what was read.</summary>
public sealed record ResponseFormat
{
    /// <summary>Any JSON object.</summary>
    public static ResponseFormat JsonObject { get; } = new();

    /// <summary>The JSON Schema of the answer; null where there is none.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>What the schema is called; models elsewhere may want to know.</summary>
    public string? SchemaName { get; init; }

    /// <summary>The grammar of the answer in llama.cpp's GBNF; null where the answer is JSON.</summary>
    public string? Grammar { get; init; }

    /// <summary>Set: the answer is a span of passages, or a sentence that they do not say; null for any other format.</summary>
    public ExtractiveFormat? Extractive { get; init; }

    public static ResponseFormat JsonSchema(JsonElement schema, string? name = null) => new() { Schema = schema, SchemaName = name };

    public static ResponseFormat Gbnf(string grammar) => new() { Grammar = grammar };

    public static ResponseFormat Extract(ExtractiveFormat? format = null) => new() { Extractive = format ?? new ExtractiveFormat() };
}
