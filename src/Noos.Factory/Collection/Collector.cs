using System.Globalization;
using System.Text;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Storage;
using Noos.Corpus.Conversations;
using Noos.Corpus.Preferences;
using Noos.Courses.Examinations;
using Noos.Courses;
using Noos.Kernel.Teaching;

namespace Noos.Factory.Collection;

/// <summary>
/// Takes what people taught and keeps what a model may learn: of those who agreed, nothing that others wrote, no personal data, no
/// examination, nothing twice, not too much of anybody, nothing of raters who are not to be relied on. The same sources and options give
/// the same files.
/// </summary>
/// <param name="options">What may be learned.</param>
/// <param name="courses">All courses; the examinations of all of them are kept out.</param>
public sealed class Collector(CollectionOptions options, IReadOnlyList<ICourse> courses)
{
    /// <summary>What reports call this work.</summary>
    public const string StageName = "collect";

    /// <summary>Collects into a folder: <see cref="CollectedFiles"/>. Files that are there are replaced.</summary>
    /// <exception cref="NoosException">A source cannot be read, or the folder not be written.</exception>
    public CollectionReport Run(TaughtSources sources, string folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        options.Validate();
        var labels = sources.ReadLabels();
        var raters = RaterRecord.Measure(labels, options);
        var unreliable = raters.Where(rater => !rater.IsReliable(options)).Select(rater => rater.Rater).ToHashSet(StringComparer.Ordinal);
        var guard = new ExamGuard(courses, options.ExaminationWords);
        var items = sources.Read(options).Where(item => item.Time <= options.Until).ToArray();
        var personal = new Anonymizer(items.Where(item => !item.IsImported).Select(item => item.Rater).Distinct(StringComparer.Ordinal));
        var demonstrations = new NearDuplicateIndex(options.MaxSimilarity);
        var judged = new Dictionary<string, NearDuplicateIndex>(StringComparer.Ordinal);
        var (kept, counts) = (new List<TaughtItem>(), new Dictionary<(string Source, DropReason? Reason), int>());

        // The newest first: of two that are nearly the same the later counts.
        foreach (var item in items.OrderByDescending(item => item.Time).ThenBy(item => item.Key, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reason = item.Reason ?? FindReason(item, unreliable);
            var clean = reason is null ? Clean(item, personal) : item;
            reason ??= clean.Conversations.Any(one => guard.Forbids(one) || guard.IsQuotedIn(one)) ? DropReason.Examination
                : IsNew(clean, demonstrations, judged) ? null
                : DropReason.Duplicate;
            if (reason is { } why)
            {
                Count(item.Source, why);
            }
            else
            {
                kept.Add(clean);
            }
        }

        var (learned, over) = Limit(kept);
        over.ForEach(item => Count(item.Source, DropReason.OverLimit));
        learned.ForEach(item => Count(item.Source, null));
        var report = Write(learned, folder) with
        {
            Sources =
            [
                .. counts.Keys.Select(key => key.Source).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(source =>
                    new SourceCount(
                        source, counts.Where(count => count.Key.Source == source).Sum(count => count.Value),
                        counts.GetValueOrDefault((source, null)),
                        Enum.GetValues<DropReason>().Where(reason => counts.ContainsKey((source, reason)))
                            .ToDictionary(reason => reason, reason => counts[(source, reason)]))),
            ],
            Raters = [.. raters.Where(rater => rater.KnownPairs + rater.RepeatedPairs > 0)],
            Unreliable = [.. unreliable.Order(StringComparer.Ordinal)],
            Agreement = labels.Count > 0 ? LabelAgreement.Measure(labels) : null,
            Removed = personal.Counts,
        };
        var markdown = Encoding.UTF8.GetBytes(report.ToMarkdown());
        AtomicFile.Write(CollectedFiles.MarkdownPath(folder), stream => stream.Write(markdown));
        FactoryJson.Write(CollectedFiles.ReportPath(folder), report);
        return report;

        void Count(string source, DropReason? reason) =>
            counts[(source, reason)] = counts.GetValueOrDefault((source, reason)) + 1;
    }

    // Words of others are looked for in imports and labels too: nobody has looked before.
    static DropReason? FindReason(TaughtItem item, HashSet<string> unreliable) =>
        unreliable.Contains(item.Rater) ? DropReason.Unreliable
        : item.Conversations.Any(conversation => ForeignText.FindTaint(conversation.Messages) is not null) ? DropReason.Untrusted
        : null;

    static TaughtItem Clean(TaughtItem item, Anonymizer personal)
    {
        var names = Anonymizer.FindNames(item.Messages);
        return item.Rewrite(text => personal.Remove(text, names));
    }

    // Two raters may well judge the same answers; one rater, once.
    static bool IsNew(TaughtItem item, NearDuplicateIndex demonstrations, Dictionary<string, NearDuplicateIndex> judged)
    {
        if (item.Demonstration is { } shown)
        {
            return demonstrations.Add(TextOf(shown.Messages));
        }

        if (!judged.TryGetValue(item.Rater, out var own))
        {
            judged.Add(item.Rater, own = new NearDuplicateIndex(similarity: 1));
        }

        var group = item.Group!;
        return group.Pairs.Count > 0 && own.Add(
            TextOf(group.Prompt.Messages) + "\n" + string.Join('\n', group.Answers.Select(answer => answer.Text)
                .Order(StringComparer.Ordinal)));
    }

    static string TextOf(IEnumerable<Message> messages) => string.Join('\n', messages.Select(message =>
        message.Text() + string.Concat(message.Parts.OfType<ToolCallPart>().Select(call => call.Name + call.Arguments.GetRawText()))));

    /// <summary>Of each rater and week as many as one may give, chosen by content: nobody can choose which.</summary>
    (List<TaughtItem> Kept, List<TaughtItem> Over) Limit(List<TaughtItem> items)
    {
        var (kept, over) = (new List<TaughtItem>(), new List<TaughtItem>());
        foreach (var week in items.GroupBy(item => (ISOWeek.GetYear(item.Time.UtcDateTime), ISOWeek.GetWeekOfYear(item.Time.UtcDateTime))))
        {
            var most = Math.Max(options.MaxRowsPerWeek, (int)(options.MaxWeekShare * week.Count()));
            foreach (var rater in week.GroupBy(item => (item.Rater, item.IsImported)))
            {
                var isFree = rater.Key.IsImported || options.Uncapped.Contains(rater.Key.Rater, StringComparer.Ordinal);
                var ordered = rater.OrderBy(item => item.Key, StringComparer.Ordinal).ToArray();
                kept.AddRange(isFree ? ordered : ordered.Take(most));
                over.AddRange(isFree ? [] : ordered.Skip(most));
            }
        }

        return ([.. kept.OrderBy(item => item.Time).ThenBy(item => item.Key, StringComparer.Ordinal)], over);
    }

    CollectionReport Write(List<TaughtItem> items, string folder)
    {
        Directory.CreateDirectory(folder);
        var newSince = options.Until == DateTimeOffset.MaxValue
            ? items.Select(item => item.Time).DefaultIfEmpty(DateTimeOffset.MinValue).Max()
            : options.Until;
        var shown = items.Where(item => item.Demonstration is not null).ToArray();
        var rows = ConversationFile.Write(
            CollectedFiles.DemonstrationsPath(folder),
            shown.SelectMany(item => Enumerable.Repeat(item.Demonstration!, IsNew(item) ? options.NewPasses : 1)));
        var groups = items.Where(item => item.Group is not null).Select(item => item.IsImported ? item.Group! : item.Group! with
        {
            Pairs = [.. item.Group.Pairs.Select(pair => pair with { Weight = (float)(pair.Weight * options.Weight) })],
        }).ToArray();
        PreferenceFile.Write(CollectedFiles.PreferencesPath(folder), groups);
        return new CollectionReport
        {
            Demonstrations = shown.Length,
            DemonstrationRows = (int)rows,
            Preferences = groups.Length,
            Pairs = groups.Sum(group => group.Pairs.Count),
        };

        bool IsNew(TaughtItem item) => !item.IsImported && newSince - item.Time <= TimeSpan.FromDays(options.NewDays);
    }
}
