namespace Noos.Corpus.Addresses;

/// <summary>
/// What makes a name readable in one way only: joiners that nobody sees stand where a script needs them (RFC 5892, A.1 and A.2), and labels
/// that run from right to left do so wholly (RFC 5893, 2).
/// </summary>
static class NameRules
{
    const int NonJoiner = 0x200C;
    const int Joiner = 0x200D;

    static readonly string[] s_rightToLeft = ["R", "AL", "AN", "EN", "ES", "CS", "ET", "ON", "BN", "NSM"];
    static readonly string[] s_leftToRight = ["L", "EN", "ES", "CS", "ET", "ON", "BN", "NSM"];

    /// <summary>Whether every joiner of a label stands where one may.</summary>
    public static bool AllowsJoiners(string label)
    {
        if (!label.Contains((char)NonJoiner) && !label.Contains((char)Joiner))
        {
            return true;
        }

        var points = Points(label);
        for (var i = 0; i < points.Length; i++)
        {
            if (points[i] is NonJoiner or Joiner && !(i > 0 && NameCharacters.IsVirama(points[i - 1]))
                && !(points[i] == NonJoiner && JoinsAround(points, i)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the labels of a name can stand beside each other: always, where none runs from right to left.</summary>
    public static bool AllowsDirections(IReadOnlyList<string> labels)
    {
        var classes = labels.Select(label => Points(label).Select(NameCharacters.DirectionOf).ToArray()).ToArray();
        return !Array.Exists(classes, label => Array.Exists(label, each => each is "R" or "AL" or "AN"))
            || Array.TrueForAll(classes, IsInOneDirection);
    }

    static bool IsInOneDirection(string[] label)
    {
        if (label.Length == 0)
        {
            return true;
        }

        var last = Array.FindLast(label, each => each != "NSM");
        return label[0] switch
        {
            "R" or "AL" => Array.TrueForAll(label, s_rightToLeft.Contains) && (last is "R" or "AL" or "EN" or "AN")
                && !(label.Contains("EN") && label.Contains("AN")),
            "L" => Array.TrueForAll(label, s_leftToRight.Contains) && (last is "L" or "EN"),
            _ => false,
        };
    }

    /// <summary>A letter that joins to the left before it and one that joins to the right behind it, marks passed over.</summary>
    static bool JoinsAround(int[] points, int at)
    {
        var (before, behind) = (at - 1, at + 1);
        while (before >= 0 && NameCharacters.JoiningOf(points[before]) == "T")
        {
            before--;
        }

        while (behind < points.Length && NameCharacters.JoiningOf(points[behind]) == "T")
        {
            behind++;
        }

        return before >= 0 && behind < points.Length && (NameCharacters.JoiningOf(points[before]) is "L" or "D")
            && (NameCharacters.JoiningOf(points[behind]) is "R" or "D");
    }

    static int[] Points(string label) => [.. label.EnumerateRunes().Select(rune => rune.Value)];
}
