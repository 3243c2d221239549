using System.Globalization;
using Noos.Core;

namespace Noos.Factory.Gates;

/// <summary>
/// Decides whether a candidate takes the place of the champion: no examination significantly worse, none down by more than a point; loops,
/// missing ends and rude answers not up; text not forgotten; and better answers by the true labeler in most of the questions. All tests of
/// questions are paired.
/// </summary>
public static class ChampionGate
{
    /// <exception cref="NoosException">The two were not asked the same.</exception>
    public static GateVerdict Judge(ModelMeasurement champion, ModelMeasurement candidate, GateOptions options)
    {
        ArgumentNullException.ThrowIfNull(champion);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (!champion.Examinations.Select(exam => (exam.Course, exam.Passed.Count, exam.Rounds))
            .SequenceEqual(candidate.Examinations.Select(exam => (exam.Course, exam.Passed.Count, exam.Rounds)))
            || champion.Answers.Count != candidate.Answers.Count || champion.Answers.Count == 0)
        {
            throw new NoosException(
                ErrorKind.Invalid, "Champion and candidate were not asked the same questions; examine both again with the same settings.");
        }

        double[] outcomes = [.. candidate.Answers.Zip(champion.Answers, (one, other) => Outcome(one.Score.CompareTo(other.Score)))];
        var (rate, low, high) = PairedTest.Bootstrap(outcomes);
        return new GateVerdict(
        [
            .. JudgeExaminations(champion.Examinations, candidate.Examinations, options),
            JudgeFault("loops", "answers go in circles", answer => answer.IsLoop, champion, candidate, options),
            JudgeFault("ends", "answers do not end", answer => !answer.IsEnded, champion, candidate, options),
            JudgeFault("rude", "answers insult who asks", answer => answer.IsRude, champion, candidate, options),
            .. JudgeText(champion.Text, candidate.Text, options),
            JudgeWinRate(rate, low, high, outcomes.Length, options),
        ])
        {
            WinRate = rate,
            WinRateLow = low,
            WinRateHigh = high,
        };
    }

    static double Outcome(int sign) => sign > 0 ? 1 : sign == 0 ? 0.5 : 0;

    static IEnumerable<GateCheck> JudgeExaminations(
        IReadOnlyList<ExaminationResult> champion, IReadOnlyList<ExaminationResult> candidate, GateOptions options)
    {
        double[] values = [.. champion.Zip(candidate, (one, other) => PairedTest.ProbabilityOfWorse(one.Shares, other.Shares))];
        var significant = PairedTest.Holm(values, options.Level);
        return champion.Zip(candidate).Select((pair, index) =>
        {
            var (before, after) = (100 * pair.First.Share, 100 * pair.Second.Share);
            var isDown = before - after > options.MaxDrop + 1e-9;
            var found = string.Create(
                CultureInfo.InvariantCulture,
                $"Examination {pair.First.Course} went from {before:F1} % to {after:F1} % (p = {values[index]:0.0000}");
            var sentence = significant[index] ? $"{found}): significantly worse."
                : isDown ? string.Create(
                    CultureInfo.InvariantCulture, $"{found}): down by {before - after:F1} points, more than {options.MaxDrop:0.##}.")
                : $"{found}).";
            return new GateCheck($"examination {pair.First.Course}", !significant[index] && !isDown, sentence)
            {
                Champion = before,
                Candidate = after,
                Probability = values[index],
            };
        });
    }

    // A fault of the candidate that the champion lacks is what a question that only the champion has right is to an examination.
    static GateCheck JudgeFault(
        string name, string what, Func<JudgedAnswer, bool> hasFault, ModelMeasurement champion, ModelMeasurement candidate,
        GateOptions options)
    {
        double[] before = [.. champion.Answers.Select(answer => hasFault(answer) ? 0.0 : 1)];
        double[] after = [.. candidate.Answers.Select(answer => hasFault(answer) ? 0.0 : 1)];
        var probability = PairedTest.ProbabilityOfWorse(before, after);
        var (old, now) = (100 * (1 - before.Average()), 100 * (1 - after.Average()));
        var isPassed = probability >= options.Level && now - old <= options.MaxRise + 1e-9;
        return new GateCheck(
            name, isPassed,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{now:F1} % of its {what}, {old:F1} % of the champion's (p = {probability:0.0000})"
                + $"{(isPassed ? "." : ": more than before.")}"))
        {
            Champion = old,
            Candidate = now,
            Probability = probability,
        };
    }

    // What was forgotten shows here before an examination asks for it.
    static IEnumerable<GateCheck> JudgeText(TextFit? champion, TextFit? candidate, GateOptions options)
    {
        if (champion is null || candidate is null)
        {
            yield break;
        }

        if (champion.Nats.Count != candidate.Nats.Count || champion.Bytes == 0)
        {
            throw new NoosException(
                ErrorKind.Invalid, "Champion and candidate did not read the same text; examine both again with the same settings.");
        }

        var rise = 100 * ((candidate.BitsPerByte / champion.BitsPerByte) - 1);
        var isPassed = rise <= options.MaxTextRise + 1e-9;
        yield return new GateCheck(
            "text", isPassed,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Text takes it {candidate.BitsPerByte:F3} bits per byte, {champion.BitsPerByte:F3} the champion "
                + $"({rise:+0.0;-0.0;0.0} %{(isPassed ? ")." : $"): more than {options.MaxTextRise:0.##} % of it is forgotten.")}"))
        {
            Champion = champion.BitsPerByte,
            Candidate = candidate.BitsPerByte,
        };
    }

    static GateCheck JudgeWinRate(double rate, double low, double high, int questions, GateOptions options)
    {
        var isPassed = rate >= options.MinWinRate && low > options.MinLowerBound;
        var wanted = string.Create(
            CultureInfo.InvariantCulture,
            $"; wanted are {options.MinWinRate * 100:0.#} % with the lower end above {options.MinLowerBound * 100:0.#} %.");
        return new GateCheck(
            "win rate", isPassed,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Its answer is the better one at {rate * 100:F1} % of {questions:N0} questions (95 %: {low * 100:F1} to {high * 100:F1})"
                + $"{(isPassed ? "." : wanted)}"))
        {
            Champion = 50,
            Candidate = rate * 100,
        };
    }
}
