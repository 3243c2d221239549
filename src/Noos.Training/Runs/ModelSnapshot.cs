using Noos.Training.Gradients;
using Noos.Training.Model;

namespace Noos.Training.Runs;

/// <summary>The model in training at one moment, for an evaluation; valid until that returns.</summary>
/// <param name="Step">Updates done.</param>
/// <param name="Tokens">Tokens trained on.</param>
/// <param name="Losses">Losses of held-out rows, computed by all workers.</param>
/// <param name="Parameters">The weights; read only.</param>
public sealed record ModelSnapshot(long Step, long Tokens, ILossSource Losses, Parameters Parameters);
