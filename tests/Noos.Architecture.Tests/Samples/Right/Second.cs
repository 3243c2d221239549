using Noos.Architecture.Tests.Samples.Left;

namespace Noos.Architecture.Tests.Samples.Right;

/// <summary>The other half of the ring.</summary>
sealed class Second
{
    public int Count { get; } = First.Count();
}
