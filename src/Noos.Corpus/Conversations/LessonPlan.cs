using System.IO.Hashing;
using Noos.Core;
using Noos.Core.Conversations;

namespace Noos.Corpus.Conversations;

/// <summary>
/// A mixture of conversations for fine-tuning: so many of each part, none twice, none that the examinations ask for, in an order drawn
/// by the seed. The same plan writes the same file.
/// </summary>
/// <param name="seed">Decides the order, and which conversations of a large part are taken.</param>
/// <param name="forbids">Whether a conversation must be left out.</param>
public sealed class LessonPlan(int seed, Func<Conversation, bool> forbids)
{
    // An endless part that hardly gives anything new is not worth waiting for.
    const int MaxTriesPerLesson = 20;

    readonly List<(string Name, IAsyncEnumerable<Lesson> Lessons, int? Count, int Passes)> _parts = [];

    /// <summary>Adds the first <paramref name="count"/> different conversations of a generator, which may be endless.</summary>
    public LessonPlan AddGenerated(string name, IAsyncEnumerable<Conversation> lessons, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _parts.Add((name, lessons.Select(lesson => new Lesson(lesson)), count, 0));
        return this;
    }

    /// <summary>
    /// Adds conversations of a data set: all, or <paramref name="count"/> drawn by the seed, each <paramref name="passes"/> times.
    /// </summary>
    public LessonPlan AddSet(string name, IAsyncEnumerable<Conversation> lessons, int? count = null, int passes = 1) =>
        AddSet(name, lessons.Select(lesson => new Lesson(lesson)), count, passes);

    /// <summary>The same, with the documents that its conversations were made of.</summary>
    public LessonPlan AddSet(string name, IAsyncEnumerable<Lesson> lessons, int? count = null, int passes = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(passes);
        _parts.Add((name, lessons, count, passes));
        return this;
    }

    /// <summary>Writes the conversations as JSON lines, and beside them of which documents they were made.</summary>
    /// <returns>A count for each part, in the order they were added.</returns>
    /// <exception cref="NoosException">A part cannot be read, gives too little, or the file cannot be written.</exception>
    public async Task<IReadOnlyList<LessonCount>> WriteAsync(string path, CancellationToken cancellationToken = default)
    {
        var counts = new List<LessonCount>();
        var lessons = await GatherLessonsAsync(counts, cancellationToken);
        ConversationFile.Write(path, lessons.Select(lesson => lesson.Conversation));
        LessonOrigins.Write(path, lessons);
        return counts;
    }

    /// <summary>All conversations of the plan in their order.</summary>
    /// <param name="counts">Receives what each part came to.</param>
    /// <param name="cancellationToken">Stops between conversations.</param>
    /// <exception cref="NoosException">A part cannot be read or gives too little.</exception>
    public async Task<IReadOnlyList<Conversation>> GatherAsync(IList<LessonCount> counts, CancellationToken cancellationToken = default) =>
        [.. (await GatherLessonsAsync(counts, cancellationToken)).Select(lesson => lesson.Conversation)];

    async Task<List<Lesson>> GatherLessonsAsync(IList<LessonCount> counts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var seen = new HashSet<UInt128>();
        var chosen = new List<Lesson>();
        foreach (var (name, lessons, count, passes) in _parts)
        {
            var (duplicates, forbidden) = (0, 0);
            var part = new List<Lesson>();
            await foreach (var lesson in lessons.WithCancellation(cancellationToken))
            {
                if (passes == 0 && part.Count == count)
                {
                    break;
                }

                if (forbids(lesson.Conversation))
                {
                    forbidden++;
                }
                else if (!seen.Add(XxHash128.HashToUInt128(ConversationJson.WriteUtf8(lesson.Conversation))))
                {
                    duplicates++;
                }
                else
                {
                    part.Add(lesson);
                }

                if (passes == 0 && duplicates + forbidden > 1000 + (count * MaxTriesPerLesson))
                {
                    throw new NoosException(
                        $"The course '{name}' has only about {part.Count} different lessons; ask for fewer than {count}.");
                }
            }

            if (passes > 0 && count is { } wanted && wanted < part.Count)
            {
                Shuffle(part);
                part.RemoveRange(wanted, part.Count - wanted);
            }

            for (var pass = 0; pass < Math.Max(1, passes); pass++)
            {
                chosen.AddRange(part);
            }

            counts.Add(new LessonCount(name, part.Count * Math.Max(1, passes), duplicates, forbidden));
        }

        Shuffle(chosen);
        return chosen;
    }

    void Shuffle(List<Lesson> conversations) =>
        new Random(seed).Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(conversations));
}
