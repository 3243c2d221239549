namespace Noos.Training.Model;

/// <summary>
/// A tensor that an objective adds to the transformer's own, such as the weight of a value head. It lies behind them in the flat buffers,
/// is not under weight decay, and is optimized and checkpointed like every other.
/// </summary>
/// <param name="Name">Name in checkpoints; differs from all names of the transformer.</param>
/// <param name="Rows">1 for a vector.</param>
/// <param name="Columns">Values per row.</param>
/// <param name="InitialDeviation">Standard deviation of the normally distributed initial values; 0 starts at zero.</param>
public sealed record HeadParameter(string Name, int Rows, int Columns, float InitialDeviation = 0);
