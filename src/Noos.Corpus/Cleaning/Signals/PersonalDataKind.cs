namespace Noos.Corpus.Cleaning.Signals;

/// <summary>What belongs to a person.</summary>
public enum PersonalDataKind
{
    Email,
    Phone,
    IpAddress,

    /// <summary>An IBAN or a card number.</summary>
    Account,
}
