# frozen_string_literal: true

module CrmSync
  module Organizations
    # Checks whether the options of an attribute fit together.
    module Form
      KNOWN = %i[from as equals first_of].freeze
      private_constant :KNOWN

      class << self
        # @param source [Hash{Symbol => Object}]
        # @return [String, nil] the problem, if there is one
        def problem(source)
          unknown = (source.keys - KNOWN).first
          return unknown_option(unknown) if unknown
          return "say from: or first_of:, one of them" unless source.key?(:from) ^ source.key?(:first_of)

          source.key?(:from) ? from(source) : cases(source)
        end

        # @param name [Symbol] an attribute of an organization
        # @return [String] the reason that a sync does not write it
        def why_not(name)
          case name.to_s
          when "tags" then "is never written: that would replace the whole set, with the tags of others"
          when "external_id" then "is written when you say: external_id true"
          else "cannot be written"
          end
        end

        private

        def unknown_option(unknown)
          near = Suggestion.for(unknown, KNOWN)
          "unknown option #{unknown}:; there are #{KNOWN.join(", ")}#{"; did you mean #{near}:?" if near}"
        end

        def from(source)
          return Internal::ApiName.no_field(source[:from]) unless Internal::ApiName.path?(source[:from])
          return "say as: or equals:, not both" if source.key?(:as) && source.key?(:equals)
          return "equals: needs a value" if source.key?(:equals) && source[:equals].nil?

          "as: can only be :salesforce_id15" unless [nil, *Attribute::FORMS].include?(source[:as])
        end

        def cases(source)
          return "first_of: has neither as: nor equals:" if source.size > 1

          cases = source[:first_of]
          right = cases.is_a?(Hash) && cases.any? && cases.keys.all? { |conditions| conditions?(conditions) }
          "first_of: is a Hash of conditions, which are Hashes of fields and values, and values" unless right
        end

        def conditions?(conditions)
          conditions.is_a?(Hash) && conditions.any? && conditions.keys.all? { |path| Internal::ApiName.path?(path) }
        end
      end
    end
    private_constant :Form
  end
end
