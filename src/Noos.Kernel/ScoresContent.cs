using Microsoft.Extensions.AI;

namespace Noos.Kernel;

/// <summary>How likely the tokens of the text before it were; comes where TopLogProbabilities asks for it.</summary>
public sealed class ScoresContent(IReadOnlyList<ScoredToken> tokens) : AIContent
{
    public IReadOnlyList<ScoredToken> Tokens => tokens;
}
