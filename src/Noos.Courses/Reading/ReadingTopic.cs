namespace Noos.Courses.Reading;

/// <summary>What one kind of passage is about. Templates have {s} for the subject and {v} for a value.</summary>
/// <param name="Name">Of the topic.</param>
sealed record ReadingTopic(string Name)
{
    /// <summary>What its subject is called.</summary>
    public List<string> Subjects { get; } = [];

    /// <summary>The words that may stand for the subject at the beginning of a later sentence.</summary>
    public List<string> Pronouns { get; } = [];

    public List<ReadingField> Fields { get; } = [];

    /// <summary>Sentences that tell nothing that is asked for.</summary>
    public List<string> Fillers { get; } = [];
}

/// <summary>Something that can be told of a subject.</summary>
/// <param name="Label">As a card has it.</param>
/// <param name="Value">What values look like.</param>
sealed record ReadingField(string Label, string Value)
{
    public List<string> Sentences { get; } = [];

    public List<string> Questions { get; } = [];

    /// <summary>Questions for the subject by the value.</summary>
    public List<string> SubjectQuestions { get; } = [];
}
