namespace Noos.Courses.Lessons;

/// <summary>
/// The numbers that only examinations ask about: every seventh one. Lessons never draw them, so a right answer is no recollection. Numbers
/// up to twenty and the tens below a hundred are words of their own, not made of others, so lessons have to teach them; examinations do
/// not ask about them.
/// </summary>
public static class ReservedNumbers
{
    public static bool Contains(long number) => number switch
    {
        <= 20 => false,
        < 100 => number % 7 == 3 && number % 10 != 0,
        _ => number % 7 == 3,
    };
}
