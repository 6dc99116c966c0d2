# frozen_string_literal: true

module CrmSync
  # The part of a file name that shows people which sync the file belongs to. A digest beside it makes the name unique.
  module FileName
    # @param name [String] the name of a sync
    # @return [String] letters, digits and hyphens. +parameterize+, which knows the letters of all languages, takes
    #   longer to load than many a run
    def self.of(name)
      name.downcase.gsub(/[^a-z0-9]+/, "-")
    end
  end
  private_constant :FileName
end
