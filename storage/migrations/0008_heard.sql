-- What of an answer had been played when the caller cut in, and what a turn tells of the one before it.
ALTER TABLE turns ADD COLUMN heard TEXT;
ALTER TABLE turns ADD COLUMN former TEXT NOT NULL DEFAULT '{}';
