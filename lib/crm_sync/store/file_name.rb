# frozen_string_literal: true

module CrmSync
  # The part of a file's name that tells people whose file it is; a digest beside it tells it from all others.
  module FileName
    # @param name [String] of a sync
    # @return [String] letters, digits and hyphens: +parameterize+, which knows the letters of all languages, loads what
    #   takes longer than many a run
    def self.of(name)
      name.downcase.gsub(/[^a-z0-9]+/, "-")
    end
  end
  private_constant :FileName
end
