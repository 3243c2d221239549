using Microsoft.Extensions.AI;
using Noos.Kernel.Cpu;

namespace Noos.Cpus.ChatClients;

/// <summary>
/// How likely the tokens of the text before it were; comes where <see cref="GenerationOptions.TopLogProbabilities"/> asks for it.
/// </summary>
public sealed class ScoresContent(IReadOnlyList<ScoredToken> tokens) : AIContent
{
    public IReadOnlyList<ScoredToken> Tokens => tokens;
}
