namespace Noos.Kernel.Memory;

/// <summary>How much of a conversation is paged out.</summary>
/// <param name="Turn">The turns before this one.</param>
/// <param name="Stubs">Results of tools in the last turn up to this page are stubs.</param>
/// <param name="Rounds">So many rounds of calls in the last turn.</param>
/// <param name="Piece">Of a larger page only so many tokens are shown.</param>
sealed record PageLevel(int Turn, int Stubs, int Rounds, int Piece)
{
    /// <summary>Nothing.</summary>
    public static PageLevel Whole { get; } = new(0, 0, 0, int.MaxValue) { HasWholeQuestion = true };

    /// <summary>The last question is shown whole, however long it is.</summary>
    public bool HasWholeQuestion { get; init; }
}
