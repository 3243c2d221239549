using Noos.Corpus.Documents;
using Noos.Corpus.Documents.Filters;
using Noos.Courses.Examinations;

namespace Noos.Factory.Stages;

/// <summary>Drops documents that hold a passage of an examination, so that no text that is trained on has one.</summary>
/// <param name="guard">Of all courses.</param>
sealed class ExaminationFilter(ExamGuard guard) : IDocumentFilter
{
    public string Name => "examinations";

    public Verdict Judge(Document document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return guard.Forbids(document.Text) ? Verdict.Drop("a passage of an examination") : Verdict.Keep;
    }
}
