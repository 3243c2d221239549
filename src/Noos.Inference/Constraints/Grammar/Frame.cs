namespace Noos.Inference.Constraints.Grammar;

/// <summary>One level of what is being read; what it means is the node's affair.</summary>
/// <param name="Node">What is read.</param>
/// <param name="Position">How far; 0 before the first byte.</param>
/// <param name="Detail">A counter or a set of what was seen.</param>
/// <param name="Candidates">Which literals still fit.</param>
/// <param name="Next">State to go on with after the node's last byte.</param>
readonly record struct Frame(GrammarNode Node, int Position, long Detail, Range32 Candidates, int Next);

/// <summary>Indices Begin .. End-1.</summary>
readonly record struct Range32(int Begin, int End);
