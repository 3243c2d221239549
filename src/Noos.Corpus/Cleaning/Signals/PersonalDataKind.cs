namespace Noos.Corpus.Cleaning.Signals;

/// <summary>What belongs to a person; several together say what is looked for.</summary>
[Flags]
public enum PersonalDataKind
{
    None = 0,
    Email = 1,
    Phone = 2,
    IpAddress = 4,

    /// <summary>An IBAN.</summary>
    Account = 8,

    /// <summary>The number of a payment card.</summary>
    Card = 16,

    /// <summary>A private key, a token of a service, or what is said to be a password.</summary>
    Key = 32,

    /// <summary>A social security number of the United States.</summary>
    SocialSecurity = 64,

    /// <summary>A street with a number, as it is written in English or German.</summary>
    StreetAddress = 128,

    /// <summary>What a page is tagged with and masked for: published streets and example keys are of no person.</summary>
    OfPages = Email | Phone | IpAddress | Account | Card,

    All = OfPages | Key | SocialSecurity | StreetAddress,
}
