namespace Noos.Inference.Constraints.Grammar;

/// <summary>One token of a set, or one of all others, whatever bytes it stands for.</summary>
sealed class TokenNode(IReadOnlyList<int> tokens, bool isNegated = false) : GrammarNode
{
    /// <summary>Stands for every token that no grammar names.</summary>
    public const int Other = -1;

    /// <summary>The tokens that are named.</summary>
    public IReadOnlyList<int> Tokens => tokens;

    public bool IsNegated => isNegated;

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value) => ByteAutomaton.Dead;

    public override int StepToken(ByteAutomaton automaton, in Frame frame, int token) =>
        tokens.Contains(token) != isNegated ? frame.Next : ByteAutomaton.Dead;

    public override bool FindReadsTokens() => true;
}
