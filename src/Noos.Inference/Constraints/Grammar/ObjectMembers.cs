namespace Noos.Inference.Constraints.Grammar;

/// <summary>A property of an <see cref="ObjectNode"/> that is known by name.</summary>
/// <param name="Key">As it is written: quotes, colon and space included.</param>
/// <param name="Value">What may follow.</param>
/// <param name="IsRequired">No object is whole without it.</param>
sealed record ObjectProperty(byte[] Key, GrammarNode Value, bool IsRequired);

/// <summary>Properties of an <see cref="ObjectNode"/> that are not known by name.</summary>
/// <param name="Key">The key with its quotes.</param>
/// <param name="Value">What may follow the colon.</param>
sealed record OtherProperty(GrammarNode Key, GrammarNode Value);
