namespace Noos.Corpus.Crawling.Robots;

/// <summary>One line of a robots.txt.</summary>
/// <param name="Text">The path as it stands there.</param>
/// <param name="Pattern">What it matches.</param>
/// <param name="IsAllowed">Whether it allows what it matches.</param>
sealed record RobotsRule(string Text, RobotsPattern Pattern, bool IsAllowed);
