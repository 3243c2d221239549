namespace Noos.Inference.Constraints.Grammar;

/// <summary>One stack frame of the push-down automaton: node, progress, node-specific counter, return state.</summary>
/// <param name="Node">The grammar node that is matched.</param>
/// <param name="Position">Progress within the node; 0 before the first byte.</param>
/// <param name="Detail">Node-specific: a counter, or a bit set of the alternatives seen.</param>
/// <param name="Candidates">Literals that still match.</param>
/// <param name="Next">State after the node's last byte.</param>
readonly record struct Frame(GrammarNode Node, int Position, long Detail, Range32 Candidates, int Next);

/// <summary>Indices Begin .. End-1.</summary>
readonly record struct Range32(int Begin, int End);
