using Noos.Core;
using Noos.Courses.Lessons;

namespace Noos.Courses.Experts;

/// <summary>
/// Scripted experts at work: they get a question, answers to it with different defects, and say of each pair which is better, wrong in a
/// known share of cases, so that the best that can be learned from them is known too. The same settings give the same. Thread-safe.
/// </summary>
public sealed record ExpertPanel
{
    // Nearer than this two answers are a tie, which nobody is asked about.
    const double Tie = 0.02;

    /// <summary>Share of labels that are wrong, [0, 0.5).</summary>
    public double FlipRate { get; init; } = 0.22;

    /// <summary>Answers to a question, 2 to 7.</summary>
    public int AnswersPerPrompt { get; init; } = 4;

    /// <summary>Decides answers and errors.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The defects that its answers may have.</summary>
    public IReadOnlyList<AnswerDefect> Defects { get; init; } =
        [.. Enum.GetValues<AnswerDefect>().Where(defect => defect != AnswerDefect.None)];

    /// <summary>In wordings that only examinations have.</summary>
    public bool IsExamination { get; init; }

    /// <summary>Compares answers to a question.</summary>
    /// <param name="prompt">The question.</param>
    /// <param name="number">Its number among others: decides answers and errors too.</param>
    /// <exception cref="NoosException">A setting is out of its range.</exception>
    public ExpertComparison Compare(ExpertPrompt prompt, int number)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        if (FlipRate is not (>= 0 and < 0.5) || AnswersPerPrompt is < 2 or > 7)
        {
            throw new NoosException(
                ErrorKind.Invalid,
                $"A panel takes a flip rate in [0, 0.5) and 2 to 7 answers to a question, not {FlipRate} and {AnswersPerPrompt}.");
        }

        var random = new Random(HashCode(Seed, number));
        var draw = new Draw(random.Next(), IsExamination);
        var writer = new DefectWriter(draw);

        // One good answer, and the others each with a defect of its own.
        var defects = draw.PickMany(DefectWriter.Possible(prompt).Where(Defects.Contains), AnswersPerPrompt - 1);
        var answers = draw.PickMany(defects.Prepend(AnswerDefect.None), AnswersPerPrompt)
            .Select(defect => writer.Write(prompt, defect)).DistinctBy(answer => answer.Text).ToArray();
        return Label(prompt, answers, random.Next());
    }

    /// <summary>Labels answers from anywhere, such as those of a model.</summary>
    /// <param name="prompt">The question.</param>
    /// <param name="answers">Two or more.</param>
    /// <param name="seed">Decides the errors.</param>
    public ExpertComparison Label(ExpertPrompt prompt, IReadOnlyList<ExpertAnswer> answers, int seed)
    {
        ArgumentNullException.ThrowIfNull(answers);
        var random = new Random(seed);
        double[] scores = [.. answers.Select(answer => ExpertLabeler.Instance.Score(prompt, answer).Total)];
        var pairs = new List<ExpertLabel>();
        for (var first = 0; first < answers.Count; first++)
        {
            for (var second = first + 1; second < answers.Count; second++)
            {
                // Drawn for each pair, tie or not: an answer that is scored otherwise changes no other label.
                var isFlipped = random.NextDouble() < FlipRate;
                if (Math.Abs(scores[first] - scores[second]) >= Tie)
                {
                    var isFirst = scores[first] > scores[second] != isFlipped;
                    pairs.Add(isFirst ? new ExpertLabel(first, second, isFlipped) : new ExpertLabel(second, first, isFlipped));
                }
            }
        }

        return new ExpertComparison(prompt, answers, scores, pairs);
    }

    // Not System.HashCode, which differs from run to run.
    static int HashCode(int seed, int number)
    {
        var mixed = ((ulong)(uint)seed << 32) | (uint)number;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebUL;
        return (int)((mixed ^ (mixed >> 31)) & int.MaxValue);
    }
}
