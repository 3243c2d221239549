using Noos.Training.Model;

namespace Noos.Training.Runs;

/// <summary>
/// An endless sequence of training rows. Row number i is a pure function of the data and a seed, so that a checkpoint needs to remember
/// one number to go on exactly where it stopped.
/// </summary>
public interface IRowSource
{
    TrainingRow Read(long index);
}
