namespace Noos.Tools.Examinations;

static class Fluency
{
    public static string? FindFault(string answer) => answer.Length == 0 ? "empty" : null;
}
