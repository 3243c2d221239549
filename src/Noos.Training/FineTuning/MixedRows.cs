using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Training.FineTuning;

/// <summary>
/// Conversations with a steady share of pretraining rows among them, so that the model does not forget its language (the pretraining mix of
/// Ouyang et al., 2022).
/// </summary>
/// <param name="conversations">What to learn.</param>
/// <param name="pretraining">What not to forget.</param>
/// <param name="every">Each so-many-th row is a pretraining row; 0 for none.</param>
public sealed class MixedRows(IRowSource conversations, IRowSource pretraining, int every) : IRowSource
{
    /// <summary>The row of the mixture that a row of the conversations is; <see cref="long.MaxValue"/> where it never comes.</summary>
    public static long RowOfConversations(long row, int every) => row == long.MaxValue || every == 1 ? long.MaxValue
        : every <= 0 ? row
        : (row / (every - 1) * every) + (row % (every - 1));

    /// <summary>The row of the mixture that a row of pretraining is; <see cref="long.MaxValue"/> where it never comes.</summary>
    public static long RowOfPretraining(long row, int every) =>
        row == long.MaxValue || every <= 0 ? long.MaxValue : (row * every) + every - 1;

    public TrainingRow Read(long index)
    {
        if (every <= 0)
        {
            return conversations.Read(index);
        }

        var (turn, place) = Math.DivRem(index, every);
        return place == every - 1 ? pretraining.Read(turn) : conversations.Read((turn * (every - 1)) + place);
    }
}
