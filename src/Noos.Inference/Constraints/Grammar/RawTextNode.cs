namespace Noos.Inference.Constraints.Grammar;

/// <summary>
/// Text in UTF-8 as it is, without the mark that ends it (which is another node's); its length is counted in code points.
/// </summary>
/// <param name="end">What the text must not contain.</param>
/// <param name="minLength">Fewest code points.</param>
/// <param name="maxLength">Most code points.</param>
sealed class RawTextNode(byte[] end, int minLength = 0, int? maxLength = null) : GrammarNode
{
    // A frame's detail is the number of code points times this, plus the bytes that the last one still lacks.
    const int Unit = 4;

    readonly int[] _failures = Failures(end);

    public override bool HasText(Predicate<GrammarNode> partHasText) => !(maxLength < minLength);

    public override int Step(ByteAutomaton automaton, in Frame frame, byte value)
    {
        var (length, left) = Math.DivRem(frame.Detail, Unit);
        var range = frame.Candidates;
        if (left == 0)
        {
            if (length >= maxLength)
            {
                return ByteAutomaton.Dead;
            }

            length = Math.Min(length + 1, maxLength ?? minLength);
            left = Utf8.Begin(value, out range);
        }
        else
        {
            left = Utf8.Continue(value, (int)left, ref range);
        }

        if (left < 0)
        {
            return ByteAutomaton.Dead;
        }

        // Knuth, Morris, Pratt 1977.
        var matched = frame.Position;
        while (matched > 0 && end[matched] != value)
        {
            matched = _failures[matched - 1];
        }

        matched += end[matched] == value ? 1 : 0;
        return matched == end.Length
            ? ByteAutomaton.Dead
            : automaton.Intern(
                frame with { Position = matched, Detail = (length * Unit) + left, Candidates = left == 0 ? default : range });
    }

    public override bool MayEnd(in Frame frame) => frame.Detail % Unit == 0 && frame.Detail / Unit >= minLength;

    public override bool FindNullable() => minLength == 0;

    static int[] Failures(byte[] end)
    {
        var failures = new int[end.Length];
        for (int i = 1, matched = 0; i < end.Length; i++)
        {
            while (matched > 0 && end[i] != end[matched])
            {
                matched = failures[matched - 1];
            }

            matched += end[i] == end[matched] ? 1 : 0;
            failures[i] = matched;
        }

        return failures;
    }
}
