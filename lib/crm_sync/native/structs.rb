# frozen_string_literal: true

module CrmSync
  module Native
    # The items of a write batch that a Zendesk job has accepted: +job+ (its id), +stage+ (+:update+ or +:mark+), and
    # +indexes+ (the positions of the items in the list of that stage).
    Accepted = Struct.new(:job, :stage, :indexes, keyword_init: true)

    # A field of a Salesforce object, as in {Salesforce::Field}.
    Described = Struct.new(:name, :type, :max_length, :nillable, :createable, :updateable, :external_id, :unique,
                           :picklist_values, :references, keyword_init: true)

    # The end of an item of a write batch: +stage+ (+:create+, +:update+ or +:mark+), +index+ (its position in the list
    # of that stage), +id+ (the organization, if it exists now), +outcome+ (+:done+, +:refused+, +:unknown+ or
    # +:not_tried+), and, where they exist, +reason+ (the kind of reason, such as +:name_taken+), +code+ (Zendesk's
    # own), +message+ and +holder+ (the organization that is in the way).
    Finished = Struct.new(:stage, :index, :id, :outcome, :reason, :code, :message, :holder, keyword_init: true) do
      # @return [Boolean] whether the item may have been written nevertheless, completely or in part
      def maybe?
        outcome == :unknown || partial?
      end

      # @return [Boolean] whether Zendesk accepted the item, except for attributes that it does not know
      def partial?
        reason == :unknown_attributes
      end
    end

    # The state of a field after a write: +how+ (+:as_sent+, +:rewritten+ or +:put_back+), and the +value+ that is
    # stored, unless it is the one that was sent.
    Stored = Struct.new(:how, :value, keyword_init: true)

    # The result of a row that was written to Salesforce: +status+ (see {Salesforce::RowResult}), +id+ (the record's, if
    # it exists) and +error+ (if the record is not known to exist).
    Written = Struct.new(:status, :id, :error, keyword_init: true)
  end
end
