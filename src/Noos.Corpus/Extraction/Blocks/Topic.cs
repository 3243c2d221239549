using System.Runtime.CompilerServices;

namespace Noos.Corpus.Extraction.Blocks;

/// <summary>What the frame of a page talks of, as opposed to its content.</summary>
enum Topic
{
    Share,
    Comment,
    Subscribe,
    Legal,
    Related,
    Navigation,
    Byline,
    Advertisement,
    Shop,
    Tags,
    Forum,
}

/// <summary>Words per <see cref="Topic"/>.</summary>
[InlineArray(Length)]
struct TopicCounts
{
    public const int Length = (int)Topic.Forum + 1;

    ushort _first;

    public void Add(int topics)
    {
        for (; topics != 0; topics &= topics - 1)
        {
            ref var count = ref this[int.TrailingZeroCount(topics)];
            count = (ushort)Math.Min(count + 1, ushort.MaxValue);
        }
    }
}
