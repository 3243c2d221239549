namespace Noos.Tools.Lessons;

/// <summary>
/// The numbers that only examinations ask about: every eleventh two-digit number and every seventh longer one. Lessons never draw them,
/// so a right answer is no recollection. Single digits are too few to be split.
/// </summary>
public static class ReservedNumbers
{
    public static bool Contains(long number) => number switch
    {
        < 10 => false,
        < 100 => number % 11 == 5,
        _ => number % 7 == 3,
    };
}
