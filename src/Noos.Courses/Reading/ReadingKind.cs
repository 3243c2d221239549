namespace Noos.Courses.Reading;

/// <summary>The form of passages.</summary>
public enum ReadingKind
{
    /// <summary>One passage of sentences.</summary>
    Prose,

    /// <summary>One card: a heading, and lines of label and value.</summary>
    Card,

    /// <summary>Several passages of sentences about subjects of the same kind.</summary>
    Several,
}
