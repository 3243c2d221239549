using Noos.Architecture.Tests.Samples.Right;

namespace Noos.Architecture.Tests.Samples.Left;

/// <summary>One half of a ring; uses the other one only inside a lambda, as a type argument.</summary>
static class First
{
    public static Func<int> Count { get; } = () => new List<Second>().Count;
}
