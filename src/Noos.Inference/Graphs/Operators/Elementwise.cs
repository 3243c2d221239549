namespace Noos.Inference.Graphs.Operators;

/// <summary>Splits work on independent elements among threads where it is long enough.</summary>
static class Elementwise
{
    // 64 KiB in, 64 KiB out: a part stays in the second-level cache, and waking a thread pays off.
    const int PartLength = 16384;

    /// <param name="call">Whose threads work.</param>
    /// <param name="count">Elements in all.</param>
    /// <param name="part">Works on so many elements from a first one.</param>
    public static void Run(OperatorCall call, int count, Action<int, int> part)
    {
        if (count <= 2 * PartLength)
        {
            part(0, count);
            return;
        }

        call.Run((count + PartLength - 1) / PartLength, unit =>
        {
            var start = unit * PartLength;
            part(start, Math.Min(PartLength, count - start));
        });
    }
}
