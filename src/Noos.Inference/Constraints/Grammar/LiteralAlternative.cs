namespace Noos.Inference.Constraints.Grammar;

/// <summary>One of the byte strings of a <see cref="LiteralNode"/>.</summary>
/// <param name="Literal">The bytes.</param>
/// <param name="Follower">What comes after them; null for nothing.</param>
sealed record LiteralAlternative(byte[] Literal, GrammarNode? Follower = null);
