using System.Text.Json;

namespace Noos.Inference.ToolCalls;

/// <summary>A piece of what a model says.</summary>
public abstract record AnswerPiece;

/// <summary>Text for the reader.</summary>
/// <param name="Text">Some characters.</param>
/// <param name="Start">Where they stand among all characters that the model wrote.</param>
public sealed record TextPiece(string Text, int Start) : AnswerPiece;

/// <summary>What the model thinks before it answers.</summary>
public sealed record ThoughtPiece(string Text) : AnswerPiece;

/// <summary>A whole call of a tool.</summary>
public sealed record CallPiece(string Name, JsonElement Arguments) : AnswerPiece;
